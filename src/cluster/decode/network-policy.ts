/** Decodes networking.k8s.io NetworkPolicies, field for field. */
import { z } from 'zod';
import type { NetworkPolicy } from '../../core/model/policy.ts';
import { appliedMetaSchema } from './meta.ts';
import { selectorSchema } from './selector.ts';
import { compact, listOf, maybe, text } from './shapes.ts';

const ipBlock = z.object({ cidr: text, except: listOf(text) });

/** Of a peer; other kinds of policies have them too. */
export const peerFields = {
  podSelector: maybe(selectorSchema),
  namespaceSelector: maybe(selectorSchema),
  ipBlock: maybe(ipBlock),
};

const peer = z.object(peerFields).strict().transform(compact);

const portSchema = z
  .object({ protocol: maybe(text), port: maybe(z.union([z.number(), text])), endPort: maybe(z.number()) })
  .strict()
  .transform(compact);

/**
 * A policy in the form of NetworkPolicy, whose peers may have more to say. Rules are strict: a field that is not known here could narrow
 * the rule, so the policy is reported instead of misread.
 */
export function networkPolicyForm<K extends string, P extends z.ZodType>(kind: K, peerSchema: P) {
  const egressRule = z
    .object({ to: maybe(z.array(peerSchema)), ports: maybe(z.array(portSchema)) })
    .strict()
    .transform(compact);
  return z
    .object({
      metadata: appliedMetaSchema,
      spec: z.object({
        podSelector: maybe(selectorSchema),
        policyTypes: maybe(z.array(text)),
        egress: maybe(z.array(egressRule)),
      }),
    })
    .transform(({ metadata, spec }) =>
      compact({
        kind,
        meta: metadata,
        podSelector: spec.podSelector ?? { matchLabels: {}, matchExpressions: [] },
        policyTypes: spec.policyTypes,
        egress: spec.egress,
      }),
    );
}

export const networkPolicySchema: z.ZodType<NetworkPolicy> = networkPolicyForm('NetworkPolicy', peer);

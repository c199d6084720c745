/** Decodes EKS's ApplicationNetworkPolicies (amazon-network-policy-controller-k8s api/v1alpha1) and NodeClasses. */
import { z } from 'zod';
import type { ApplicationNetworkPolicy, NodeClass } from '../../core/model/policies/aws.ts';
import { metaSchema } from './meta.ts';
import { peerFields, portSchema } from './network-policy.ts';
import { selectorSchema } from './selector.ts';
import { compact, maybe, text } from './shapes.ts';

const peer = z
  .object({ ...peerFields, domainNames: maybe(z.array(text)) })
  .strict()
  .transform(compact);

const egressRule = z
  .object({ to: maybe(z.array(peer)), ports: maybe(z.array(portSchema)) })
  .strict()
  .transform(compact);

export const applicationNetworkPolicySchema: z.ZodType<ApplicationNetworkPolicy> = z
  .object({
    metadata: metaSchema,
    spec: z.object({
      podSelector: maybe(selectorSchema),
      policyTypes: maybe(z.array(text)),
      egress: maybe(z.array(egressRule)),
    }),
  })
  .transform(({ metadata, spec }) =>
    compact({
      kind: 'ApplicationNetworkPolicy' as const,
      meta: metadata,
      podSelector: spec.podSelector ?? { matchLabels: {}, matchExpressions: [] },
      policyTypes: spec.policyTypes,
      egress: spec.egress,
    }),
  );

export const nodeClassSchema: z.ZodType<NodeClass> = z
  .object({ metadata: metaSchema, spec: maybe(z.object({ networkPolicy: maybe(text) })) })
  .transform(({ metadata, spec }) => compact({ meta: metadata, networkPolicy: spec?.networkPolicy }));

/** Decodes EgressFirewalls (OVN-Kubernetes) and EgressNetworkPolicies (OpenShift SDN); strict, since an unknown field could narrow a rule. */
import { z } from 'zod';
import type { EgressFirewall, EgressNetworkPolicy } from '../../core/model/policies/egress-firewall.ts';
import { metaSchema } from './meta.ts';
import { selectorSchema } from './selector.ts';
import { compact, filled, listOf, maybe, text } from './shapes.ts';

const destination = z
  .object({ cidrSelector: filled, dnsName: filled, nodeSelector: maybe(selectorSchema) })
  .strict()
  .transform(compact);

const port = z
  .object({ protocol: text, port: maybe(z.number()) })
  .strict()
  .transform(compact);

const rule = z.object({ type: z.enum(['Allow', 'Deny']), to: destination, ports: listOf(port) }).strict();

const spec = z.object({ egress: listOf(rule) });

export const egressFirewallSchema: z.ZodType<EgressFirewall> = z
  .object({ metadata: metaSchema, spec, status: maybe(z.object({ status: maybe(text) })) })
  .transform(({ metadata, spec: { egress }, status }) =>
    compact({ kind: 'EgressFirewall' as const, meta: metadata, egress, status: status?.status }),
  );

export const egressNetworkPolicySchema: z.ZodType<EgressNetworkPolicy> = z
  .object({ metadata: metaSchema, spec })
  .transform(({ metadata, spec: { egress } }) => ({ kind: 'EgressNetworkPolicy' as const, meta: metadata, egress }));

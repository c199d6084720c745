/** Decodes AdminNetworkPolicies, BaselineAdminNetworkPolicies and ClusterNetworkPolicies (network-policy-api v0.2.0 apis), AWS's included. */
import { z } from 'zod';
import type {
  AdminEgressRule,
  AdminNetworkPolicy,
  AdminSubject,
  BaselineAdminNetworkPolicy,
  ClusterNetworkPolicy,
} from '../../core/model/policies/admin.ts';
import { metaSchema } from './meta.ts';
import { selectorSchema } from './selector.ts';
import { compact, listOf, maybe, orEmpty, statusConditions, text } from './shapes.ts';

const selector = orEmpty(selectorSchema);
const namespacedPods = z.object({ namespaceSelector: selector, podSelector: selector }).strict();

const subject: z.ZodType<AdminSubject> = z
  .object({ namespaces: maybe(selectorSchema), pods: maybe(namespacedPods) })
  .strict()
  .transform(compact);

const peer = z
  .object({
    namespaces: maybe(selectorSchema),
    pods: maybe(namespacedPods),
    nodes: maybe(selectorSchema),
    networks: maybe(z.array(text)),
    domainNames: maybe(z.array(text)),
  })
  .strict()
  .transform(compact);

const portNumber = z
  .object({ protocol: maybe(text), port: z.number() })
  .strict()
  .transform(compact);
const portRange = z
  .object({ protocol: maybe(text), start: z.number(), end: z.number() })
  .strict()
  .transform(compact);

const port = z
  .object({ portNumber: maybe(portNumber), portRange: maybe(portRange), namedPort: maybe(text) })
  .strict()
  .transform(compact);

const destinationPort = z
  .object({ number: maybe(z.number()), range: maybe(z.object({ start: z.number(), end: z.number() }).strict()) })
  .strict()
  .transform(compact);

const ofProtocol = z
  .object({ destinationPort: maybe(destinationPort) })
  .strict()
  .transform(compact);

const protocol = z
  .object({
    tcp: maybe(ofProtocol),
    udp: maybe(ofProtocol),
    sctp: maybe(ofProtocol),
    destinationNamedPort: maybe(text),
  })
  .strict()
  .transform(compact);

/** Rules are strict: a peer or port of a newer version would otherwise read as "fail closed" or as "all ports". */
const egressRule: z.ZodType<AdminEgressRule> = z
  .object({
    name: maybe(text),
    action: z.enum(['Allow', 'Accept', 'Deny', 'Pass']),
    to: listOf(peer),
    ports: maybe(z.array(port)),
    protocols: maybe(z.array(protocol)),
  })
  .strict()
  .transform(compact);

const spec = { subject, egress: listOf(egressRule) };

export const adminNetworkPolicySchema: z.ZodType<AdminNetworkPolicy> = z
  .object({ metadata: metaSchema, spec: z.object({ priority: z.number(), ...spec }), status: statusConditions })
  .transform(({ metadata, spec: fields, status: conditions }) => ({
    kind: 'AdminNetworkPolicy' as const,
    meta: metadata,
    ...fields,
    conditions,
  }));

export const baselineAdminNetworkPolicySchema: z.ZodType<BaselineAdminNetworkPolicy> = z
  .object({ metadata: metaSchema, spec: z.object(spec), status: statusConditions })
  .transform(({ metadata, spec: fields, status: conditions }) => ({
    kind: 'BaselineAdminNetworkPolicy' as const,
    meta: metadata,
    ...fields,
    conditions,
  }));

/** @param kind which API group's ClusterNetworkPolicy: AWS's has v1alpha1's `ports` in place of `protocols` */
export function clusterNetworkPolicySchema(kind: ClusterNetworkPolicy['kind']): z.ZodType<ClusterNetworkPolicy> {
  const tier = z.enum(['Admin', 'Baseline']);
  return z
    .object({ metadata: metaSchema, spec: z.object({ tier, priority: z.number(), ...spec }), status: statusConditions })
    .transform(({ metadata, spec: fields, status: conditions }) => ({
      kind,
      meta: metadata,
      ...fields,
      conditions,
    }));
}

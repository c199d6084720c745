/** Decodes EKS's ApplicationNetworkPolicies (amazon-network-policy-controller-k8s api/v1alpha1) and NodeClasses. */
import { z } from 'zod';
import type { ApplicationNetworkPolicy, NodeClass } from '../../core/model/policies/aws.ts';
import { metaSchema } from './meta.ts';
import { networkPolicyForm, peerFields } from './network-policy.ts';
import { compact, maybe, text } from './shapes.ts';

const peer = z
  .object({ ...peerFields, domainNames: maybe(z.array(text)) })
  .strict()
  .transform(compact);

export const applicationNetworkPolicySchema: z.ZodType<ApplicationNetworkPolicy> = networkPolicyForm(
  'ApplicationNetworkPolicy',
  peer,
);

export const nodeClassSchema: z.ZodType<NodeClass> = z
  .object({ metadata: metaSchema, spec: maybe(z.object({ networkPolicy: maybe(text) })) })
  .transform(({ metadata, spec }) => compact({ meta: metadata, networkPolicy: spec?.networkPolicy }));

/** Recorded flows that their source folds together; part of `flow-recording.ts`. Their names stand in our sentences, so only names are let in. */
import { z } from 'zod';
import type { GroupedFlow, PolicyHit } from '../../core/model/flow.ts';

const name = z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,252})?\*?$/, 'must be a name');
const namespace = z.string().regex(/^[a-z0-9-]{1,63}$/, 'must be a namespace');
const time = z.iso.datetime({ offset: true });

const policy = z.object({
  kind: z.string().regex(/^[A-Za-z]{1,63}$/, 'must be a kind'),
  tier: z.string().regex(/^[A-Za-z0-9._-]{0,253}$/, 'must be a tier'),
  namespace: namespace.exactOptional(),
  name: z.string().regex(/^[A-Za-z0-9._-]{0,253}$/, 'must be the name of a policy'),
});

const hit: z.ZodType<PolicyHit> = policy.extend({
  action: z.enum(['allowed', 'denied', 'passed']),
  trigger: policy.exactOptional(),
});

const flow: z.ZodType<GroupedFlow> = z.object({
  from: time,
  to: time,
  action: z.enum(['allowed', 'denied']),
  reporter: z.enum(['source', 'destination']),
  source: z.object({ namespace, name }),
  destination: z.object({
    kind: z.enum(['public', 'private', 'named']),
    name: name.exactOptional(),
    namespace: namespace.exactOptional(),
    port: z.int().min(0).max(65_535),
    protocol: z.string().regex(/^[A-Z0-9]{1,10}$/, 'must be a protocol'),
  }),
  packets: z.int().nonnegative(),
  enforced: z.array(hit),
  staged: z.array(hit),
});

export const grouped = z.array(flow);

/** Recorded flow evidence: observations, what a follower heard and in which order, and FQDN caches. */
import { z } from 'zod';
import type { Read } from '../../core/model/cluster-state.ts';
import type { Flow, FlowGap, FlowReport, FlowRequest, Followed, FqdnCacheEntry } from '../../core/model/flow.ts';
import { label, notRead, order, podRef, readOf, strings, text } from './common.ts';
import { grouped } from './grouped-flow.ts';

const VERDICTS = ['forwarded', 'dropped', 'redirected', 'audit', 'error', 'other'] as const;
const number = z.number().exactOptional();
const optional = text.exactOptional();

/** `Kind namespace/name`: stands among our own words, as a label does. */
const policies = z.array(z.string().regex(/^(?:[A-Za-z]{1,63} )?[a-z0-9./-]{1,507}$/, 'must be the name of a policy'));

const flow: z.ZodType<Flow> = z.looseObject({
  time: text,
  event: z.enum(['drop', 'policy_verdict', 'trace', 'l7']).exactOptional(),
  verdict: z.enum(VERDICTS),
  dropReason: label.exactOptional(),
  direction: z.enum(['egress', 'ingress', 'unknown']),
  source: z.looseObject({ namespace: optional, pod: optional, ip: optional }),
  destination: z.looseObject({
    ip: optional,
    port: number,
    protocol: z.enum(['TCP', 'UDP', 'SCTP']).exactOptional(),
    names: strings,
    identity: number,
    labels: strings,
    namespace: optional,
    pod: optional,
  }),
  dns: z.looseObject({ query: text, rcode: number, ips: strings, cnames: strings, ttl: number }).exactOptional(),
  allowedBy: policies,
  deniedBy: policies,
  summary: text,
});

const request: z.ZodType<FlowRequest> = z.looseObject({
  pod: podRef,
  nodeName: optional,
  sinceSeconds: z.number(),
  untilSeconds: number,
  verdicts: z.array(z.enum(VERDICTS)),
  limit: z.number(),
});

/** No sentences, which would stand among our own: see `label`. */
const gap: z.ZodType<FlowGap> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('lost_events'),
    where: z.enum(['kernel', 'queue', 'buffer', 'unknown']),
    count: z.int().nonnegative(),
  }),
  z.object({ kind: z.literal('buffer_begins'), at: z.iso.datetime({ offset: true }), seconds: z.int().nonnegative() }),
  z.object({ kind: z.literal('buffer_empty') }),
  z.object({ kind: z.literal('kept_for'), seconds: z.int().nonnegative() }),
  z.object({ kind: z.literal('buffer_unknown') }),
]);

const report: z.ZodType<FlowReport> = z.looseObject({
  flows: z.array(flow),
  grouped: grouped.exactOptional(),
  source: label,
  truncated: z.boolean(),
  missing: z.array(gap).exactOptional(),
  notUsed: z.array(notRead).exactOptional(),
});
/** Recordings before followers told their source have no value. */
const followed: z.ZodType<Read<Followed | undefined>> = z.discriminatedUnion('ok', [
  z
    .object({ ok: z.literal(true), value: z.looseObject({ source: label }).exactOptional() })
    .transform(({ value }) => ({ ok: true as const, value })),
  z.object({ ok: z.literal(false), notRead }),
]);
const cacheEntry: z.ZodType<FqdnCacheEntry> = z.looseObject({
  name: text,
  ips: strings,
  endpointId: number,
  expires: optional,
});

export interface ObserveRecording {
  readonly request: FlowRequest;
  readonly result: Read<FlowReport>;
}

export interface FollowRecording {
  readonly request: FlowRequest;
  /** Absent when the stream never attached. */
  readonly ready?: number;
  /** `probes`: how many probes had begun since the follower when the flow was heard, so that a replay does not tell it before. */
  readonly flows: readonly { readonly order: number; readonly probes: number; readonly flow: Flow }[];
  readonly ended: number;
  /** True when the caller ended it. */
  readonly aborted: boolean;
  readonly result: Read<Followed | undefined>;
}

export interface CacheRecording {
  readonly request: Pick<FlowRequest, 'pod' | 'nodeName'>;
  readonly result: Read<readonly FqdnCacheEntry[]>;
}

export interface FlowRecordings {
  readonly observe: readonly ObserveRecording[];
  readonly follow: readonly FollowRecording[];
  readonly fqdnCache: readonly CacheRecording[];
}

const heard = z.object({ order, probes: z.int().nonnegative(), flow });

export const flowRecordings: z.ZodType<FlowRecordings> = z.object({
  observe: z.array(z.object({ request, result: readOf(report) })),
  follow: z.array(
    z.object({
      request,
      ready: order.exactOptional(),
      flows: z.array(heard),
      ended: order,
      aborted: z.boolean(),
      result: followed,
    }),
  ),
  fqdnCache: z.array(
    z.object({ request: z.looseObject({ pod: podRef, nodeName: optional }), result: readOf(z.array(cacheEntry)) }),
  ),
});

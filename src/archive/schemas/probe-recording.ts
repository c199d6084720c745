/** A recorded probe: what was asked, each event in order, the report. Reports are loose so that fields added later survive a replay. */
import { z } from 'zod';
import type {
  ConnectReport,
  HttpReport,
  LookupReport,
  NameAnswer,
  ProbeEvent,
  ProbeReport,
  ProbeRequest,
  ProxyReport,
  TlsReport,
} from '../../core/model/probe.ts';
import { hosts, hostText, label, order, podRef, readOf, strings, text } from './common.ts';

const ms = z.number().exactOptional();
const error = text.exactOptional();

const LOOKUPS = ['resolved', 'nxdomain', 'nodata', 'refused', 'servfail', 'timeout', 'failed', 'not_checked'] as const;
const CONNECTS = [
  'connected',
  'timeout',
  'refused',
  'reset',
  'unreachable',
  'not_permitted',
  'failed',
  'drop_seen',
  'not_checked',
] as const;
const TLS = ['ok', 'untrusted', 'wrong_name', 'expired', 'reset', 'timeout', 'failed', 'not_checked'] as const;

const answer: z.ZodType<NameAnswer> = z.looseObject({
  /** Empty where the tool does not say. */
  server: z.string().regex(/^\S{0,80}$/, 'must be at most one word'),
  name: hostText,
  question: z.enum(['A', 'AAAA', 'any']),
  via: z.enum(['udp', 'tcp', 'tool']),
  outcome: z.enum(LOOKUPS),
  cnames: hosts,
  addresses: hosts,
  ttlSeconds: z.number().exactOptional(),
  truncated: z.boolean().exactOptional(),
  ms,
});
const lookup: z.ZodType<LookupReport> = z.looseObject({
  outcome: z.enum(LOOKUPS),
  addresses: hosts,
  cnames: hosts,
  ms,
  error,
  answers: z.array(answer).exactOptional(),
  absolute: z.looseObject({ addresses: hosts, error }).exactOptional(),
});
const connect: z.ZodType<ConnectReport> = z.looseObject({ address: hostText, outcome: z.enum(CONNECTS), ms, error });
const tls: z.ZodType<TlsReport> = z.looseObject({
  outcome: z.enum(TLS),
  version: text.exactOptional(),
  issuer: text.exactOptional(),
  notBefore: text.exactOptional(),
  notAfter: text.exactOptional(),
  names: hosts.exactOptional(),
  receivedBytes: z.number().exactOptional(),
  smallSegments: z.enum(TLS).exactOptional(),
  ms,
  error,
});
const redirect = z.looseObject({
  scheme: z.enum(['http', 'https']),
  host: hostText,
  port: z.number(),
  pathClass: z.enum(['root', 'path', 'presigned']),
});
const http: z.ZodType<HttpReport> = z.looseObject({
  outcome: z.enum(['answered', 'timeout', 'reset', 'failed', 'not_checked']),
  status: z.number().exactOptional(),
  redirect: redirect.exactOptional(),
  via: text.exactOptional(),
  server: text.exactOptional(),
  ms,
  error,
});
const proxy: z.ZodType<ProxyReport> = z.looseObject({
  variable: hostText,
  host: hostText,
  port: z.number(),
  outcome: z.enum(['tunnel', 'refused_by_proxy', 'not_reached', 'failed', 'not_checked']),
  status: z.number().exactOptional(),
  via: text.exactOptional(),
  ms,
  error,
});

const event: z.ZodType<ProbeEvent> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('lookup'), id: text, lookup }),
  z.object({ kind: z.literal('connect'), id: text, connect }),
  z.object({ kind: z.literal('tls'), id: text, tls }),
  z.object({ kind: z.literal('http'), id: text, http }),
]);

const resolver = z.looseObject({
  nameservers: strings,
  search: strings,
  ndots: z.number(),
  options: hosts.exactOptional(),
});

const target = z.looseObject({
  id: text,
  host: hostText,
  port: z.number(),
  lookup,
  connects: z.array(connect),
  tls,
  http: http.exactOptional(),
  proxy: proxy.exactOptional(),
});

const report: z.ZodType<ProbeReport> = z.looseObject({
  pod: podRef,
  container: text,
  rung: label,
  limits: strings,
  resolver: resolver.exactOptional(),
  libc: z.enum(['glibc', 'musl']).exactOptional(),
  clockSkewSeconds: z.number().exactOptional(),
  proxyEnv: z.record(text, text),
  targets: z.array(target),
  startedAt: text,
  finishedAt: text,
});

const request: z.ZodType<ProbeRequest> = z.looseObject({
  pod: podRef,
  container: text,
  targets: z.array(
    z.looseObject({ id: text, host: text, port: z.number(), tls: z.boolean(), path: text.exactOptional() }),
  ),
  connectTimeoutMs: z.number(),
  lookupTimeoutMs: z.number(),
});

export interface ProbeRecording {
  readonly request: ProbeRequest;
  readonly began: number;
  readonly events: readonly { readonly order: number; readonly event: ProbeEvent }[];
  readonly ended: number;
  readonly result: z.output<typeof result>;
}

const result = readOf(report);

export const probeRecordings: z.ZodType<readonly ProbeRecording[]> = z.array(
  z.object({ request, began: order, events: z.array(z.object({ order, event })), ended: order, result }),
);

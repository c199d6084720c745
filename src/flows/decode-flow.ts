/** One event of Hubble as a model flow: a line of `hubble observe -o json`, or the same JSON from its relay. Used by `collect-flows.ts`. */
import type { Flow, FlowEvent, FlowVerdict } from '../core/model/flow.ts';
import type { Protocol } from '../core/model/workload.ts';
import { normaliseName } from '../core/net/dns-name.ts';
import { clean } from '../core/text/clean.ts';
import { listOf, numberOf, objectOf, type RawObject, textOf } from './raw-flow.ts';

export interface DecodedFlow {
  readonly flow: Flow;
  /** Names one packet's way, so that its policy verdict and its drop, which are two events, count once. */
  readonly tuple: string;
}

const MAX_NAMES = 20;
const MAX_LABELS = 60;
const MAX_POLICIES = 20;
const MAX_TEXT = 253;
/** RFC 2181 §8; the proxy writes 2³² − 1 where an answer has no record. */
const MAX_TTL = 2 ** 31 - 1;

/** Names of api/v1/flow/flow.proto, Verdict. */
const VERDICTS: Readonly<Record<string, FlowVerdict>> = {
  FORWARDED: 'forwarded',
  DROPPED: 'dropped',
  REDIRECTED: 'redirected',
  AUDIT: 'audit',
  ERROR: 'error',
};
const DIRECTIONS: Readonly<Record<string, Flow['direction']>> = { EGRESS: 'egress', INGRESS: 'ingress' };

/** Numbers of `pkg/monitor/api/types.go`, MessageType*. */
const EVENTS: Readonly<Record<number, FlowEvent>> = { 1: 'drop', 4: 'trace', 5: 'policy_verdict', 129: 'l7' };

export function decodeFlow(event: RawObject): DecodedFlow | undefined {
  const raw = objectOf(event.flow);
  const time = textOf(raw.time) ?? textOf(event.time);
  if (raw.verdict === undefined || time === undefined || Number.isNaN(Date.parse(time))) return undefined;
  return decode(raw, time);
}

function decode(raw: RawObject, time: string): DecodedFlow {
  const layer4 = layer4Of(objectOf(raw.l4));
  const ip = objectOf(raw.IP);
  const source = endpointOf(objectOf(raw.source), ip.source);
  const destination = endpointOf(objectOf(raw.destination), ip.destination);
  const dropReason = dropReasonOf(raw.drop_reason_desc);
  const dns = dnsOf(objectOf(raw.l7));
  const flow: Omit<Flow, 'summary'> = {
    time,
    ...kindOf(raw),
    ...(dropReason && { dropReason }),
    direction: DIRECTIONS[textOf(raw.traffic_direction) ?? ''] ?? 'unknown',
    source: source.place,
    destination: {
      ...destination.place,
      ...(layer4.port !== undefined && { port: layer4.port }),
      ...(layer4.protocol && { protocol: layer4.protocol }),
      names: texts(raw.destination_names, MAX_NAMES).map(normaliseName),
      ...(destination.identity !== undefined && { identity: destination.identity }),
      labels: destination.labels,
    },
    ...(dns && { dns }),
    allowedBy: policiesOf(raw.egress_allowed_by),
    deniedBy: policiesOf(raw.egress_denied_by),
  };
  const tuple = [source.place.ip, layer4.from, destination.place.ip, layer4.port, flow.verdict, dns?.query].join('|');
  return { flow: { ...flow, summary: summaryOf(flow) }, tuple };
}

function kindOf(raw: RawObject): Pick<Flow, 'event' | 'verdict'> {
  const event = EVENTS[numberOf(objectOf(raw.event_type).type) ?? 0];
  return { ...(event && { event }), verdict: VERDICTS[textOf(raw.verdict) ?? ''] ?? 'other' };
}

/** A reason that is newer than the list of its sender comes as a number; one word, as the others are. */
function dropReasonOf(value: unknown): string | undefined {
  return typeof value === 'number' ? `DROP_REASON_${value}` : words(value);
}

function words(value: unknown): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : clean(text, MAX_TEXT).replaceAll('\n', ' ');
}

function texts(value: unknown, most: number): readonly string[] {
  return listOf(value, most).flatMap((item) => words(item) ?? []);
}

interface Layer4 {
  readonly protocol?: Protocol;
  readonly from?: number;
  readonly port?: number;
}

function layer4Of(raw: RawObject): Layer4 {
  for (const protocol of ['TCP', 'UDP', 'SCTP'] as const) {
    const ports = objectOf(raw[protocol]);
    const [from, port] = [numberOf(ports.source_port), numberOf(ports.destination_port)];
    if (protocol in raw) return { protocol, ...(from !== undefined && { from }), ...(port !== undefined && { port }) };
  }
  return {};
}

function endpointOf(raw: RawObject, address: unknown) {
  const [namespace, pod, ip] = [words(raw.namespace), words(raw.pod_name), words(address)];
  const identity = numberOf(raw.identity);
  return {
    place: { ...(namespace && { namespace }), ...(pod && { pod }), ...(ip && { ip }) },
    labels: texts(raw.labels, MAX_LABELS),
    ...(identity !== undefined && { identity }),
  };
}

/** protojson leaves out a zero, so an answer without `rcode` is NOERROR; a query has none. */
function dnsOf(l7: RawObject): Flow['dns'] {
  const dns = objectOf(l7.dns);
  const query = words(dns.query);
  if (query === undefined) return undefined;
  const ttl = numberOf(dns.ttl);
  const rcode = numberOf(dns.rcode) ?? (l7.type === 'RESPONSE' ? 0 : undefined);
  return {
    query: normaliseName(query),
    ...(rcode !== undefined && { rcode }),
    ips: texts(dns.ips, MAX_NAMES),
    cnames: texts(dns.cnames, MAX_NAMES).map(normaliseName),
    ...(ttl !== undefined && ttl <= MAX_TTL && { ttl }),
  };
}

/** Names of Kubernetes objects alone: they stand in our own sentences. */
const POLICY_KIND = /^[A-Za-z]{1,63}$/;
const POLICY_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** `Kind namespace/name`, as Hubble names the policies of a verdict since Cilium 1.16. */
function policiesOf(value: unknown): readonly string[] {
  return listOf(value, MAX_POLICIES).flatMap((item) => {
    const raw = objectOf(item);
    const [kind, namespace, name] = [textOf(raw.kind), textOf(raw.namespace), textOf(raw.name)];
    const path = [namespace, name].filter((part) => part !== undefined);
    if (path.length === 0 || !path.every((part) => POLICY_NAME.test(part))) return [];
    if (kind !== undefined && !POLICY_KIND.test(kind)) return [];
    return [[kind, path.join('/')].filter(Boolean).join(' ')];
  });
}

function summaryOf({ verdict, dropReason, direction, source, destination, dns }: Omit<Flow, 'summary'>): string {
  const { port = '?', protocol = '?', names } = destination;
  const named = names.length > 0 ? ` (${names.slice(0, 3).join(', ')})` : '';
  const asked = dns ? `, DNS ${dns.rcode === undefined ? 'query' : `answer rcode ${dns.rcode}`} ${dns.query}` : '';
  const why = dropReason ? ` (${dropReason})` : '';
  return `${verdict}${why}: ${shown(source)} → ${shown(destination)}:${port}/${protocol}${named}, ${direction}${asked}`;
}

function shown({ namespace = '', pod, ip = '?' }: Flow['source']): string {
  return pod === undefined ? ip : `${namespace}/${pod}`;
}

/** Judges the answer to the one HEAD request, and a proxy's answer to CONNECT; used by `target-handlers.ts`. */
import type { HttpReport, ProbeTarget, ProxyReport } from '../core/model/probe.ts';
import { isAddress, isHostName } from '../core/net/host.ts';
import { clean } from '../core/text/clean.ts';
import { numberOf, type ProbeRecord, valueOf } from './record.ts';
import { redirectTarget } from './redirect.ts';

const LONGEST_HEADER = 120;
const LONGEST_ERROR = 200;

const HTTP_BY_ERROR: Readonly<Record<string, HttpReport['outcome']>> = {
  timeout: 'timeout',
  ETIMEDOUT: 'timeout',
  closed: 'reset',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  metadata: 'not_checked',
};

/** RFC 9110 §15.4: 300 offers a choice, 304 and 305 send nobody on. */
const SENDS_ON: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function httpReport(record: ProbeRecord, target: ProbeTarget): HttpReport {
  const status = statusOf(record);
  const common = { ...headers(record, ['via', 'server']), ...elapsed(record) };
  if (status === undefined) return { outcome: byError(HTTP_BY_ERROR, record, 'failed'), ...common, ...errorOf(record) };
  const location = valueOf(record, 'location');
  const redirects = location !== undefined && SENDS_ON.has(status);
  const redirect = redirects ? redirectTarget(location, target) : undefined;
  return { outcome: 'answered', status, ...(redirect === undefined ? {} : { redirect }), ...common };
}

/** Before a connection to the proxy stands; after it, silence is `timeout` and `failed`. */
const PROXY_BY_ERROR: Readonly<Record<string, ProxyReport['outcome']>> = {
  ETIMEDOUT: 'not_reached',
  ECONNREFUSED: 'not_reached',
  EHOSTUNREACH: 'not_reached',
  ENETUNREACH: 'not_reached',
  EPERM: 'not_reached',
  EACCES: 'not_reached',
  lookup: 'not_reached',
  metadata: 'not_checked',
  scheme: 'not_checked',
};

/** Nothing where the record names no proxy that could be one. */
export function proxyReport(record: ProbeRecord): ProxyReport | undefined {
  const variable = valueOf(record, 'name') ?? '';
  const host = (valueOf(record, 'host') ?? '').toLowerCase();
  const port = numberOf(record, 'port') ?? 0;
  if (!/^(?:https?|all)_proxy$/i.test(variable) || !(isHostName(host) || isAddress(host))) return undefined;
  if (port < 1 || port > 65_535) return undefined;
  const status = statusOf(record);
  const proxy = { variable, host, port };
  const common = { ...headers(record, ['via']), ...elapsed(record) };
  if (status === undefined)
    return { ...proxy, outcome: byError(PROXY_BY_ERROR, record, 'failed'), ...common, ...errorOf(record) };
  const tunnel = status >= 200 && status < 300;
  return { ...proxy, outcome: tunnel ? 'tunnel' : 'refused_by_proxy', status, ...common };
}

function statusOf(record: ProbeRecord): number | undefined {
  const text = valueOf(record, 'status') ?? '';
  return /^[1-5]\d\d$/.test(text) ? Number(text) : undefined;
}

function byError<T>(table: Readonly<Record<string, T>>, record: ProbeRecord, other: T): T {
  const error = valueOf(record, 'err') ?? '';
  return Object.hasOwn(table, error) ? (table[error] ?? other) : other;
}

function headers<K extends string>(record: ProbeRecord, names: readonly K[]): Partial<Record<K, string>> {
  const found: Partial<Record<K, string>> = {};
  for (const name of names) {
    const value = clean(valueOf(record, name) ?? '', LONGEST_HEADER).trim();
    if (value !== '') found[name] = value;
  }
  return found;
}

function elapsed(record: ProbeRecord): { readonly ms?: number } {
  const ms = numberOf(record, 'ms');
  return ms === undefined ? {} : { ms };
}

const WORDS: Readonly<Record<string, string>> = {
  closed: 'the peer closed the connection without an answer',
  timeout: 'the connection stood and no answer came',
  lookup: "the proxy's name has no address",
  metadata: 'a cloud metadata address: never contacted',
  scheme: 'a kind of proxy that this probe does not speak to (SOCKS, or TLS to the proxy itself)',
};

function errorOf(record: ProbeRecord): { readonly error?: string } {
  const err = valueOf(record, 'err') ?? '';
  const words = Object.hasOwn(WORDS, err) ? (WORDS[err] ?? '') : err;
  const error = clean([words, valueOf(record, 'text') ?? ''].join(' ').trim(), LONGEST_ERROR);
  return error === '' ? {} : { error };
}

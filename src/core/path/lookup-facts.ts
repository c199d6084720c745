/** What the name servers' own answers say about a lookup beyond its outcome; read by `causes/resolver.ts` and the findings. Pure. */
import type { LookupReport, NameAnswer, ProbeReport } from '../model/probe.ts';

export interface SearchCapture {
  /** The name that was answered: the host with a search domain after it. */
  readonly name: string;
  readonly addresses: readonly string[];
  /** What the host's own name resolves to. */
  readonly own: readonly string[];
}

/**
 * The application gets the address of HOST.SUFFIX although HOST exists elsewhere: a wildcard record in a search domain takes the
 * name (resolv.conf(5): with fewer dots than ndots the search list is tried first). A name that is meant to be completed is not
 * such a case, also where the bare name exists by accident: a single label, and a Service (`db.shop` is a public domain too).
 */
export function searchCapture(host: string, lookup: LookupReport): SearchCapture | undefined {
  const own = resolvedAnswers(lookup, host).flatMap(({ addresses }) => addresses);
  if (!host.includes('.') || own.length === 0 || lookup.addresses.some((address) => own.includes(address)))
    return undefined;
  const taken = (lookup.answers ?? []).find(
    ({ name, outcome, addresses }) =>
      name !== host &&
      !isService(name, host) &&
      outcome === 'resolved' &&
      addresses.some((address) => lookup.addresses.includes(address)),
  );
  return taken === undefined ? undefined : { name: taken.name, addresses: lookup.addresses, own: [...new Set(own)] };
}

/** `SERVICE.NAMESPACE.svc.DOMAIN` (kubernetes.io, dns-pod-service): the cluster's DNS has no wildcards there. */
const isService = (name: string, host: string): boolean =>
  host.endsWith('.svc') || /^\.(?:[^.]+\.)?svc\./.test(name.slice(host.length));

/**
 * The answer under a search domain that ends the C library's search before it gets to the host's own name. musl goes on after
 * NXDOMAIN only (src/network/lookup_name.c, name_from_dns_search), glibc after SERVFAIL too (resolv/res_query.c,
 * __res_context_search). A server that refuses is followed by the next one, so the name must have no answer from any.
 */
export function stoppedAtSuffix(host: string, lookup: LookupReport, libc: ProbeReport['libc']): NameAnswer | undefined {
  if (lookup.outcome === 'resolved' || !isKnownTo(host, lookup)) return undefined;
  const answers = (lookup.answers ?? []).filter(({ name }) => name !== host);
  const known = new Set(answers.filter(isPlainAnswer).map(({ name }) => name));
  return answers.find(
    ({ name, outcome }) => !known.has(name) && (outcome === 'refused' || (outcome === 'servfail' && libc !== 'glibc')),
  );
}

/** The host's own name has addresses, as a server said or as the control with a final dot shows. */
export const isKnownTo = (host: string, lookup: LookupReport): boolean =>
  resolvedAnswers(lookup, host).length > 0 || (lookup.absolute?.addresses.length ?? 0) > 0;

/** A is answered and AAAA is not: a library that asks for both waits for the second, or takes its failure for the whole. */
export function aaaaTrouble(host: string, lookup: LookupReport): NameAnswer | undefined {
  const own = ownAnswers(lookup, host);
  const four = own.some(({ question, outcome }) => question === 'A' && outcome === 'resolved');
  const six = own.filter(({ question }) => question === 'AAAA');
  const bad = six.find(({ outcome }) => outcome === 'timeout' || outcome === 'servfail' || outcome === 'refused');
  return four && !six.some(isPlainAnswer) ? bad : undefined;
}

/** Every question over UDP stayed unanswered and one over TCP was answered. */
export function onlyTcpAnswers(lookup: LookupReport): boolean {
  const udp = (lookup.answers ?? []).filter(({ via }) => via === 'udp');
  const tcp = (lookup.answers ?? []).filter(({ via }) => via === 'tcp');
  return udp.length > 0 && udp.every(({ outcome }) => outcome === 'timeout') && tcp.some(isAnswered);
}

/** glibc and musl ask again after five seconds (resolv.conf(5), `timeout`); a lost answer shows as a step of that length. */
const RETRY_MS = 5000;
const PROMPT_MS = 1500;

/**
 * A server answered this name at once when it was asked directly, and the C library took a retry's time or gave up. A server that is
 * silent, or slow under a search domain, takes such a time too, and loses nothing.
 */
export function lostAnswer(host: string, lookup: LookupReport): NameAnswer | undefined {
  const slow = lookup.outcome === 'timeout' || (lookup.outcome === 'resolved' && (lookup.ms ?? 0) >= RETRY_MS - 100);
  if (!slow || (lookup.answers ?? []).some(tookLong)) return undefined;
  return resolvedAnswers(lookup, host).find(({ ms }) => ms !== undefined && ms <= PROMPT_MS);
}

const tookLong = ({ outcome, ms = 0 }: NameAnswer): boolean => outcome === 'timeout' || ms > PROMPT_MS;

/** No refusal and no failure: what the server says of the name itself. */
const isPlainAnswer = ({ outcome }: NameAnswer): boolean => ['resolved', 'nodata', 'nxdomain'].includes(outcome);

const isAnswered = ({ outcome }: NameAnswer): boolean => !['timeout', 'failed', 'not_checked'].includes(outcome);

const ownAnswers = ({ answers = [] }: LookupReport, host: string): readonly NameAnswer[] =>
  answers.filter(({ name }) => name === host);

const resolvedAnswers = (lookup: LookupReport, host: string): readonly NameAnswer[] =>
  ownAnswers(lookup, host).filter(({ outcome }) => outcome === 'resolved');

/** One cell: what a report says of an endpoint, held against what is true. A rung may not know, if its limits say so; it may not be wrong. */
import type { ProbeReport, TargetReport } from '../../../src/core/model/probe.ts';
import { parseIp } from '../../../src/core/net/ip.ts';
import type { Endpoint, Truth } from './endpoints.ts';
import type { Image } from './images.ts';

export type Verdict = 'right' | 'untold' | 'wrong';

export interface Fact {
  readonly name: string;
  readonly verdict: Verdict;
  readonly expected: string;
  readonly seen: string;
}

export interface Cell {
  readonly verdict: Verdict;
  /** The report in a few words. */
  readonly seen: string;
  readonly wrong: readonly Fact[];
  readonly untold: readonly string[];
}

/** Which limit of a report excuses that a fact is not in it. */
const EXCUSES = {
  lookup: /server's own answer|no tool that|names were not tried|nslookup asks the DNS server/,
  answer: /server's own answer|no tool that|names were not tried|A records only|does not say of each answer/,
  truncation: /cut short|over UDP only/,
  connect: /connections were|no tool that prints|names were not tried|this nc cannot close|the others were not seen/,
  tls: /TLS was not tried/,
  trust: /authorities|trust store/,
  certificate: /certificate itself cannot be read/,
  received: /how many bytes/,
  segments: /small segments/,
  http: /no HTTP request/,
  proxy: /was not asked/,
} as const;

type Excuse = keyof typeof EXCUSES;

interface Told {
  readonly report: ProbeReport;
  readonly target: TargetReport;
}

export function judge(image: Image, endpoint: Endpoint, told: Told): Cell {
  const truth = { ...endpoint.truth, ...(image.isMusl === true ? endpoint.onMusl : {}) };
  const facts = [
    lookupFact(truth, told),
    ...cnameFacts(truth, told),
    ...answerFacts(truth, told),
    ...connectFacts(truth, told),
    ...tlsFacts(image, truth, told),
    ...httpFacts(truth, told),
    ...proxyFacts(truth, told),
  ];
  const wrong = facts.filter(({ verdict }) => verdict === 'wrong');
  const untold = facts.filter(({ verdict }) => verdict === 'untold').map(({ name }) => name);
  const isRight = facts.some(({ verdict }) => verdict === 'right');
  return {
    verdict: wrong.length > 0 ? 'wrong' : isRight ? 'right' : 'untold',
    seen: inWords(told.target),
    wrong,
    untold,
  };
}

/** `unsaid`: values that are no claim, and so allowed where a limit says why. */
function fact(
  name: string,
  {
    expected,
    seen,
    unsaid,
    excuses,
  }: { expected: readonly unknown[]; seen: unknown; unsaid: readonly unknown[]; excuses: readonly Excuse[] },
  { report }: Told,
): Fact {
  const same = (one: unknown): boolean => JSON.stringify(one) === JSON.stringify(seen);
  const excused = excuses.some((excuse) => report.limits.some((limit) => EXCUSES[excuse].test(limit)));
  const claimed = expected.some(same) ? 'right' : unsaid.some(same) && excused ? 'untold' : 'wrong';
  return {
    name,
    verdict: claimed,
    expected: expected.map((one) => JSON.stringify(one)).join(' or '),
    seen: JSON.stringify(seen) ?? 'nothing',
  };
}

function lookupFact(truth: Truth, told: Told): Fact {
  const { looksLike } = truth;
  const unsaid = ['failed', 'not_checked', ...(looksLike === undefined ? [] : [looksLike.outcome])];
  const excuses: readonly Excuse[] = looksLike === undefined ? ['lookup'] : ['lookup', looksLike.excuse];
  return fact('lookup', { expected: truth.lookup, seen: told.target.lookup.outcome, unsaid, excuses }, told);
}

function cnameFacts(truth: Truth, told: Told): readonly Fact[] {
  if (truth.cnames === undefined) return [];
  const { cnames } = told.target.lookup;
  return [fact('CNAMEs', { expected: [truth.cnames], seen: cnames, unsaid: [[]], excuses: ['answer'] }, told)];
}

function answerFacts({ answer }: Truth, told: Told): readonly Fact[] {
  if (answer === undefined) return [];
  const answers = (told.target.lookup.answers ?? []).filter(({ question }) => question === answer.question);
  const outcomes = [...new Set(answers.map(({ outcome }) => outcome))];
  const seen = outcomes.includes(answer.outcome) ? answer.outcome : outcomes.join();
  return [
    fact(`answer to ${answer.question}`, { expected: [answer.outcome], seen, unsaid: [''], excuses: ['answer'] }, told),
  ];
}

function connectFacts(truth: Truth, told: Told): readonly Fact[] {
  const { connects, lookup } = told.target;
  // An application that gets no address connects to none.
  if (lookup.outcome !== 'resolved') return [];
  return Object.entries(truth.connects ?? {}).map(([address, expected]) => {
    const seen = connects.find((connect) => sameAddress(connect.address, address))?.outcome ?? 'not_checked';
    return fact(
      `connection to ${address}`,
      { expected, seen, unsaid: ['not_checked', 'failed'], excuses: ['connect'] },
      told,
    );
  });
}

/** However it is written: tools differ in how they shorten IPv6. */
function sameAddress(a: string, b: string): boolean {
  return parseIp(a)?.value === parseIp(b)?.value;
}

function tlsFacts(image: Image, truth: Truth, told: Told): readonly Fact[] {
  const { tls, connects } = told.target;
  if (!connects.some(({ outcome }) => outcome === 'connected')) return [];
  const facts: Fact[] = [];
  if (truth.tls !== undefined) {
    // Without an authority that it trusts, a program finds that first.
    const byTrust =
      image.trustsNobody === true && truth.tls.some((one) => one === 'ok' || one === 'expired' || one === 'wrong_name');
    const expected = byTrust ? ['untrusted', ...truth.tls.filter((one) => one !== 'ok')] : truth.tls;
    facts.push(
      fact(
        'TLS',
        {
          expected,
          seen: tls.outcome,
          unsaid: ['not_checked', 'untrusted', 'failed'],
          excuses: excusesOf(tls.outcome),
        },
        told,
      ),
    );
  }
  if (tls.outcome === 'not_checked') return facts;
  if (truth.receivedBytes !== undefined)
    facts.push(
      fact(
        'bytes received',
        { expected: [truth.receivedBytes], seen: tls.receivedBytes, unsaid: [undefined], excuses: ['received'] },
        told,
      ),
    );
  if (truth.smallSegments !== undefined) {
    const expected =
      image.trustsNobody === true && truth.smallSegments.includes('ok') ? ['untrusted'] : truth.smallSegments;
    const unsaid = [undefined, 'not_checked'];
    facts.push(fact('small segments', { expected, seen: tls.smallSegments, unsaid, excuses: ['segments'] }, told));
  }
  return facts;
}

function excusesOf(outcome: string): readonly Excuse[] {
  if (outcome === 'untrusted') return ['trust'];
  return outcome === 'failed' ? ['certificate', 'received'] : ['tls'];
}

function httpFacts({ http }: Truth, told: Told): readonly Fact[] {
  const { target } = told;
  if (http === undefined || !target.connects.some(({ outcome }) => outcome === 'connected')) return [];
  const seen = target.http?.outcome === 'answered' ? wanted(target.http, http) : undefined;
  // Nothing is sent to a server whose certificate is not trusted.
  if (seen === undefined && ['untrusted', 'not_checked'].includes(target.tls.outcome) && target.port === 443) return [];
  return [fact('HTTP', { expected: [http], seen, unsaid: [undefined], excuses: ['http'] }, told)];
}

function proxyFacts({ proxy }: Truth, told: Told): readonly Fact[] {
  if (proxy === undefined) return [];
  const { target } = told;
  const seen =
    target.proxy === undefined || target.proxy.outcome === 'not_checked' ? undefined : wanted(target.proxy, proxy);
  return [fact('proxy', { expected: [proxy], seen, unsaid: [undefined], excuses: ['proxy'] }, told)];
}

/** The part of a report that there is a truth about. */
function wanted<T extends object>(seen: Partial<T>, truth: T): Partial<T> {
  return Object.fromEntries(Object.keys(truth).map((key) => [key, seen[key as keyof T]])) as Partial<T>;
}

function inWords({ lookup, connects, tls, http, proxy }: TargetReport): string {
  const distinct = [...new Set(connects.map(({ outcome }) => outcome))];
  const parts = [
    lookup.outcome === 'resolved' ? '' : lookup.outcome,
    distinct.join('+'),
    tls.outcome === 'not_checked'
      ? ''
      : `TLS ${tls.outcome}${tls.smallSegments === undefined ? '' : `, small ${tls.smallSegments}`}`,
    http?.status === undefined ? '' : `HTTP ${http.status}`,
    proxy === undefined ? '' : `${proxy.outcome}${proxy.status === undefined ? '' : ` ${proxy.status}`}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/**
 * Joins two views of one lookup: what the C library gave the application, and what the name server itself answered. Pure; used by
 * `collector.ts`. The addresses are those the application gets; the server's answer says why it gets none.
 */
import type { LookupOutcome, LookupReport } from '../core/model/probe.ts';
import { clean } from '../core/text/clean.ts';

export const LIBRARY_FORMS = ['app', 'hosts', 'search', 'absolute', 'bash'] as const;
export type LibraryForm = (typeof LIBRARY_FORMS)[number];

export interface LibraryAnswer {
  /**
   * `app`: by the C library. `hosts`, `search`: where there is no tool that asks it, its way followed by hand. `absolute`: with
   * a final dot, asked after `app` failed. `bash`: only the error text.
   */
  readonly form: LibraryForm;
  readonly addresses: readonly string[];
  readonly error?: string;
  readonly ms?: number;
}

export interface ServerAnswer {
  /** `A`, `AAAA`, or `any` for a tool that asks both. */
  readonly question: 'A' | 'AAAA' | 'any';
  /** `nslookup`: the rung has no other resolver, so this is also the answer that is connected to. */
  readonly via: 'packet' | 'nslookup';
  readonly outcome: LookupOutcome;
  readonly cnames: readonly string[];
  readonly addresses: readonly string[];
  readonly ms?: number;
  readonly error?: string;
}

export interface LookupFacts {
  readonly library: readonly LibraryAnswer[];
  readonly server: readonly ServerAnswer[];
}

const AS_THE_APP: ReadonlySet<LibraryForm> = new Set(['app', 'hosts', 'search']);

/** The more telling first: an answer says more than silence, and a refusal more than an empty answer. */
const TELLING: readonly LookupOutcome[] = [
  'resolved',
  'refused',
  'servfail',
  'nxdomain',
  'timeout',
  'nodata',
  'failed',
];

export function lookupReport(facts: LookupFacts): LookupReport {
  const app = facts.library.find((answer) => AS_THE_APP.has(answer.form));
  const server = serverOutcome(facts.server);
  const cnames = longest(facts.server.map((answer) => answer.cnames));
  if (app === undefined && facts.server.some((answer) => answer.via === 'nslookup'))
    return byServer(facts, server, cnames);
  const ms = app?.ms ?? slowest(facts.server);
  const common = { addresses: app?.addresses ?? [], cnames, ...(ms === undefined ? {} : { ms }) };
  if (app !== undefined && app.addresses.length > 0) return { outcome: 'resolved', ...common };
  const error = clean(explain(facts, app, server), 300);
  return { outcome: failure(app, server, facts), ...common, ...(error === '' ? {} : { error }) };
}

function byServer(facts: LookupFacts, outcome: LookupOutcome | undefined, cnames: readonly string[]): LookupReport {
  const ms = slowest(facts.server);
  const error = facts.server.find((answer) => answer.error !== undefined)?.error;
  return {
    outcome: outcome ?? 'failed',
    addresses: [...new Set(facts.server.flatMap((answer) => answer.addresses))],
    cnames,
    ...(ms === undefined ? {} : { ms }),
    ...(error === undefined || outcome === 'resolved' ? {} : { error: clean(error, 300) }),
  };
}

/** What the servers said as a whole: per question the best of several servers, then the more telling question. */
export function serverOutcome(answers: readonly ServerAnswer[]): LookupOutcome | undefined {
  const questions = [...new Set(answers.map((answer) => answer.question))];
  const perQuestion = questions.map((question) => {
    const all = answers.filter((answer) => answer.question === question).map((answer) => answer.outcome);
    return all.find((outcome) => outcome !== 'timeout' && outcome !== 'failed') ?? mostTelling(all);
  });
  return mostTelling(perQuestion.filter((outcome) => outcome !== undefined));
}

const mostTelling = (outcomes: readonly LookupOutcome[]): LookupOutcome | undefined =>
  TELLING.find((outcome) => outcomes.includes(outcome));

/** The application got no address: the server's answer names the reason where it fits the library's. */
function failure(app: LibraryAnswer | undefined, server: LookupOutcome | undefined, facts: LookupFacts): LookupOutcome {
  const silent = app === undefined || app.error === 'timeout';
  if (server === undefined) return silent ? 'timeout' : libraryOutcome(app.error);
  if (server === 'resolved') return silent ? 'timeout' : 'failed';
  // A definite "no such name" did not come from a server that stays silent; some other source answered.
  if (server === 'timeout' && definite(app, facts)) return 'failed';
  return server;
}

const definite = (app: LibraryAnswer | undefined, facts: LookupFacts): boolean =>
  app?.error === 'EAI_NONAME' || facts.library.some((answer) => /name or service not known/i.test(answer.error ?? ''));

/** Without a view of the server only "the name has no address" is certain; the rest hides its reason. */
const libraryOutcome = (error: string | undefined): LookupOutcome =>
  error?.startsWith('EAI_NODATA') ? 'nodata' : 'failed';

function explain(facts: LookupFacts, app: LibraryAnswer | undefined, server: LookupOutcome | undefined): string {
  const parts = [app?.error === undefined ? 'the C library did not answer in time' : `C library: ${app.error}`];
  for (const answer of facts.library) if (answer.form === 'bash' && answer.error) parts.push(answer.error);
  const absolute = facts.library.find((answer) => answer.form === 'absolute' && answer.addresses.length > 0);
  if (absolute !== undefined) parts.push(`with a final dot the name resolves to ${absolute.addresses.join(', ')}`);
  if (server === 'resolved') parts.push('the name server answers the absolute name');
  return parts.join('; ');
}

function longest(chains: readonly (readonly string[])[]): readonly string[] {
  return chains.reduce<readonly string[]>((best, chain) => (chain.length > best.length ? chain : best), []);
}

function slowest(answers: readonly ServerAnswer[]): number | undefined {
  const times = answers.flatMap((answer) => answer.ms ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

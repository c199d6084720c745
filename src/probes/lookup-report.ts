/**
 * Joins two views of one lookup: what the C library gave the application, and what the name servers themselves answered. Pure;
 * used by `target-state.ts`. The addresses are those the application gets; the servers' answers say why it gets none.
 */
import type { LookupOutcome, LookupReport } from '../core/model/probe.ts';
import { clean } from '../core/text/clean.ts';
import { reported, type ServerAnswer } from './name-answer.ts';

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

export interface LookupFacts {
  /** In lower case, without a final dot; answers with another name are those of the search list. */
  readonly host: string;
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

/** Where nothing asked and nothing was asked, the name was not looked up: no silence. */
export function lookupReport(facts: LookupFacts): LookupReport {
  if (facts.library.length === 0 && facts.server.length === 0)
    return { outcome: 'not_checked', addresses: [], cnames: [] };
  const view = viewOf(facts);
  const answers = facts.server.length === 0 ? {} : { answers: facts.server.map(reported) };
  return view.app === undefined && facts.server.some(({ via }) => via === 'tool')
    ? { ...byTool(view), ...answers }
    : { ...byLibrary(view, facts.library), ...answers };
}

/** The facts, sorted by what they are about. */
interface View {
  readonly app: LibraryAnswer | undefined;
  readonly library: readonly LibraryAnswer[];
  /** Answers for the host's own name. */
  readonly own: readonly ServerAnswer[];
  /** Answers for the host with a search domain. */
  readonly suffixed: readonly ServerAnswer[];
  /** What the servers said of the own name as a whole. */
  readonly server: LookupOutcome | undefined;
}

function viewOf({ host, library, server }: LookupFacts): View {
  const own = server.filter(({ name }) => name === host);
  return {
    app: library.find((answer) => AS_THE_APP.has(answer.form)),
    library,
    own,
    suffixed: server.filter(({ name }) => name !== host),
    server: serverOutcome(own),
  };
}

function byLibrary(view: View, library: readonly LibraryAnswer[]): LookupReport {
  const { app, own } = view;
  const ms = app?.ms ?? slowest(own);
  const addresses = app?.addresses ?? [];
  const common = { addresses, cnames: chainTo(addresses, view), ...(ms === undefined ? {} : { ms }) };
  if (addresses.length > 0) return { outcome: 'resolved', ...common };
  const error = clean(explain(view), 300);
  const absolute = library.find(({ form }) => form === 'absolute');
  return {
    outcome: failure(view),
    ...common,
    ...(error === '' ? {} : { error }),
    ...(absolute === undefined ? {} : { absolute: control(absolute) }),
  };
}

/** Where no tool asks the C library, the tool's answer is the one that is connected to. */
function byTool({ own, server }: View): LookupReport {
  const ms = slowest(own);
  const error = own.find((answer) => answer.error !== undefined)?.error;
  return {
    outcome: server ?? 'failed',
    addresses: [...new Set(own.flatMap((answer) => answer.addresses))],
    cnames: longest(own),
    ...(ms === undefined ? {} : { ms }),
    ...(error === undefined || server === 'resolved' ? {} : { error: clean(error, 300) }),
  };
}

function control({ addresses, error }: LibraryAnswer): NonNullable<LookupReport['absolute']> {
  return { addresses, ...(error === undefined ? {} : { error: clean(error, 200) }) };
}

/**
 * What the servers said as a whole: per question the best of several servers, since a library goes on to the next one until one
 * says something of the name; then the more telling question.
 */
export function serverOutcome(answers: readonly ServerAnswer[]): LookupOutcome | undefined {
  const questions = [...new Set(answers.map((answer) => answer.question))];
  const perQuestion = questions.map((question) => {
    const all = answers.filter((answer) => answer.question === question).map((answer) => answer.outcome);
    return (
      all.find(isOfTheName) ?? all.find((outcome) => outcome !== 'timeout' && outcome !== 'failed') ?? mostTelling(all)
    );
  });
  return mostTelling(perQuestion.filter((outcome) => outcome !== undefined));
}

const isOfTheName = (outcome: LookupOutcome): boolean => ['resolved', 'nxdomain', 'nodata'].includes(outcome);

const mostTelling = (outcomes: readonly LookupOutcome[]): LookupOutcome | undefined =>
  TELLING.find((outcome) => outcomes.includes(outcome));

/** The application got no address: the servers' answers name the reason where they fit the library's. */
function failure(view: View): LookupOutcome {
  const { app, server } = view;
  const silent = app === undefined || app.error === 'timeout';
  if (server === undefined) return silent ? 'timeout' : libraryOutcome(app.error);
  if (server === 'resolved') return silent || hasSilence(view) ? 'timeout' : 'failed';
  // A definite "no such name" did not come from a server that stays silent; some other source answered.
  if (server === 'timeout') return isDefinite(view) ? 'failed' : server;
  return server === 'nxdomain' || server === 'nodata' ? (suffixOutcome(view) ?? server) : server;
}

/** The search list makes an address of it, which the library did not get; or has trouble with it. */
function suffixOutcome(view: View): LookupOutcome | undefined {
  if (!view.suffixed.some(({ outcome }) => outcome === 'resolved')) return suffixTrouble(view);
  return hasSilence(view) ? 'timeout' : 'failed';
}

/**
 * A question that the library asks too stayed without any answer by one way: it waits for that, whatever came by others. It asks over
 * TCP only what was cut short; that a dead server is silent there, too, says nothing of the next one.
 */
function hasSilence({ own, suffixed }: View): boolean {
  const answers = [...own, ...suffixed];
  const overTcp = answers.some(({ truncated }) => truncated === true);
  const asked = Map.groupBy(
    answers.filter(({ via }) => via !== 'tcp' || overTcp),
    ({ name, question, via }) => `${name} ${question} ${via}`,
  );
  return [...asked.values()].some((answers) => answers.every(({ outcome }) => outcome === 'timeout'));
}

/**
 * A short name may exist only with a search domain: where the library failed for the time being, what failed is the question with
 * the suffix, not that the bare name does not exist.
 */
function suffixTrouble({ app, library, suffixed }: View): LookupOutcome | undefined {
  const passing = library.some(({ error = '' }) =>
    /EAI_AGAIN|EAI_FAIL\b|temporary failure|non-recoverable|try again/i.test(error),
  );
  if (app !== undefined && !passing) return undefined;
  const outcomes = suffixed.map(({ outcome }) => outcome);
  return (['refused', 'servfail', 'timeout'] as const).find((outcome) => outcomes.includes(outcome));
}

const isDefinite = ({ app, library }: View): boolean =>
  app?.error?.startsWith('EAI_NONAME') === true ||
  library.some((answer) => /name or service not known/i.test(answer.error ?? ''));

/** Without a view of the server only "the name has no address" is certain; the rest hides its reason. */
const libraryOutcome = (error: string | undefined): LookupOutcome =>
  error?.startsWith('EAI_NODATA') ? 'nodata' : 'failed';

function explain({ app, library, own, server }: View): string {
  const parts = [app?.error === undefined ? 'the C library did not answer in time' : `C library: ${app.error}`];
  for (const answer of library) if (answer.form === 'bash' && answer.error) parts.push(answer.error);
  const absolute = library.find((answer) => answer.form === 'absolute' && answer.addresses.length > 0);
  if (absolute !== undefined) parts.push(`with a final dot the name resolves to ${absolute.addresses.join(', ')}`);
  if (server === 'resolved') parts.push('the name server answers the absolute name');
  const trouble = new Set(own.flatMap(({ error }) => error ?? []));
  if (trouble.size > 0) parts.push(`name server: ${[...trouble].slice(0, 3).join(', ')}`);
  return parts.join('; ');
}

/** The CNAMEs on the way to what the application got; a name that is answered anew each time has those of its own name. */
function chainTo(addresses: readonly string[], { own, suffixed, server }: View): readonly string[] {
  const leads = (answer: ServerAnswer): boolean => answer.addresses.some((address) => addresses.includes(address));
  const exact = [...own, ...suffixed].filter(leads);
  if (exact.length > 0) return longest(exact);
  return longest(server === 'resolved' || addresses.length === 0 ? own : suffixed);
}

function longest(answers: readonly ServerAnswer[]): readonly string[] {
  return answers.reduce<readonly string[]>((best, { cnames }) => (cnames.length > best.length ? cnames : best), []);
}

function slowest(answers: readonly ServerAnswer[]): number | undefined {
  const times = answers.flatMap((answer) => answer.ms ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

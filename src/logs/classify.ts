/** Decides which failure a log event tells of, and of what place; asked by `fold-failures.ts`. */
import type { FailureClass } from '../core/model/logs.ts';
import { type FailurePattern, HOST, PORT } from './failure-pattern.ts';
import { LIBRARIES } from './libraries.ts';
import { ALL_PATTERNS } from './patterns/all.ts';
import { type Place, placeOf } from './place.ts';
import { createSieve } from './sieve.ts';
import { isPlace, namedCall, placesNear } from './tie.ts';
import { urlPlaces } from './urls.ts';

export interface Classified extends Place {
  readonly class: FailureClass;
  readonly library?: string;
  /** The only place that the text names; nothing ties it to the failure. */
  readonly possible?: Place;
  /** See `LogFailure`. */
  readonly mayBeFirstHop?: true;
  /** Where in the text the deciding words stand. */
  readonly at: number;
}

const MAX_TEXT = 32_768;
const CAUSE_WITHIN = 8192;

/** Rows first, then libraries. Made when the first line is looked at: most runs of the program read no log. */
let mayMatch: ((text: string) => readonly number[]) | undefined;

function sieve(): (text: string) => readonly number[] {
  mayMatch ??= createSieve([
    ...ALL_PATTERNS.map(({ expression }) => expression),
    ...LIBRARIES.map(([expression]) => expression),
  ]);
  return mayMatch;
}

interface Candidate extends Omit<Classified, 'at'> {
  readonly weight: number;
  readonly expression: RegExp;
  readonly placeWhole?: true;
}

/** The heaviest match tells the class; what it lacks of the place is taken from lighter ones, then from a URL in the text. */
export function classify(whole: string): Classified | undefined {
  const text = whole.slice(0, MAX_TEXT);
  const may = sieve()(text);
  const candidates = may
    .flatMap((index) => ALL_PATTERNS[index] ?? [])
    .flatMap((row) => candidateOf(row, text))
    .sort((a, b) => b.weight - a.weight);
  const best = candidates[0];
  if (!best) return undefined;
  const told = may.map((index) => LIBRARIES[index - ALL_PATTERNS.length]).find((words) => words?.[0].test(text))?.[1];
  const library = told ?? best.library ?? candidates.find((c) => c.library)?.library;
  return {
    class: best.class,
    ...placeFrom(candidates, { best, isKnownCaller: told !== undefined }, text),
    ...(library && { library }),
    at: lastPlaceOf(best.expression, text),
  };
}

function candidateOf(row: FailurePattern, text: string): readonly Candidate[] {
  const match = row.expression.exec(text);
  if (!match) return [];
  const end = match.index + match[0].length;
  const cause = row.cause?.exec(text.slice(end, end + CAUSE_WITHIN));
  if (row.cause && !cause) return [];
  const { told, possible } = row.placeNear
    ? placesNear(text, match.index, end)
    : { told: caught({ ...match.groups, ...cause?.groups }), possible: undefined };
  return [
    {
      class: row.class,
      weight: row.weight,
      expression: row.expression,
      ...(row.library && { library: row.library }),
      ...told,
      ...(possible && { possible }),
      ...(row.firstHop && { mayBeFirstHop: true as const }),
      ...(row.placeWhole && { placeWhole: true as const }),
    },
  ];
}

function caught(groups: Readonly<Record<string, string | undefined>>): Place {
  const url = groups.url === undefined ? undefined : urlPlaces(groups.url)[0];
  return url ? placeOf(url.host, undefined, String(url.port)) : placeOf(groups.host, groups.address, groups.port);
}

interface Deciding {
  readonly best: Candidate;
  /** The text shows by more than these words whose call it was. */
  readonly isKnownCaller: boolean;
}

type Told = Pick<Classified, 'host' | 'address' | 'port' | 'possible' | 'mayBeFirstHop'>;

function placeFrom(candidates: readonly Candidate[], deciding: Deciding, text: string): Told {
  const { best } = deciding;
  const known = candidates.filter((c) => c.weight > 1 || best.weight === 1);
  const place = placeOfRows(known, best);
  if (best.placeWhole || (place.host && place.port)) return place;
  const beside = placeBeside(place, deciding, text);
  if (beside.host || beside.address || beside.possible) return beside;
  const possible = known.find((c) => c.possible)?.possible;
  return { ...beside, ...(possible && { possible }) };
}

function placeOfRows(known: readonly Candidate[], best: Candidate): Told {
  const same = known.filter((c) => c.class === best.class);
  const numbered = same.find((c) => c.address);
  const named = same.find((c) => c.host) ?? (numbered ? undefined : placeOfOthers(known, best));
  if (!named) return numbered ? placeOf(undefined, numbered.address, String(numbered.port ?? '')) : {};
  if (!named.host) return placeOf(undefined, named.address, String(named.port ?? ''));
  return {
    ...placeOf(named.host, numbered?.address, String(named.port ?? '')),
    ...(named.mayBeFirstHop && { mayBeFirstHop: true }),
  };
}

/** A name that could not be looked up is not the one that did not answer. */
function placeOfOthers(known: readonly Candidate[], best: Candidate): Candidate | undefined {
  const others = known.filter((c) => !isLookup(c) || isLookup(best));
  return others.find((c) => c.host) ?? others.find((c) => c.address);
}

function isLookup({ class: kind }: Candidate): boolean {
  return kind === 'lookup_failed' || kind === 'name_not_found';
}

/** A trace says the same several times; its last word is the one that reached the program. */
function lastPlaceOf(expression: RegExp, text: string): number {
  return [...text.matchAll(new RegExp(expression, 'g'))].at(-1)?.index ?? 0;
}

/** A client's own address, which its user agent carries; not one it called. */
const AGENT = /\bgot \(https:\/\/github\.com\/sindresorhus\/got\)/g;
/** A field of a structured record that names the other side, or its value alone on a line as `unwrap-json.ts` leaves it. */
const FIELD = new RegExp(
  `(?:^|\\b(?:broker|host|hostname|addr|address|endpoint|server|upstream|peer|target)["']?[=:] ?["']?)${HOST}:${PORT}["']?(?=$|[\\s,}])`,
  'gm',
);

/**
 * Go and reqwest print the URL beside the error, records name the other side in a field; more than one host would be a guess. Words that
 * any program may print are not said of a place by standing beside it: then it is a possible one.
 */
function placeBeside(place: Told, { best, isKnownCaller }: Deciding, text: string): Told {
  const fields = [...text.matchAll(FIELD)].map(({ groups }) => caught(groups ?? {})).filter(isPlace);
  const url = fromOnly(place, urlPlaces(text.replace(AGENT, '')));
  const beside = url ?? fromOnly(place, fields);
  if (!beside) return place;
  if (place.host !== undefined) return { ...place, ...beside };
  const call = namedCall(text);
  const isSaidOfIt = isKnownCaller && (best.weight === 2 || !url);
  if (call || isSaidOfIt || best.weight === 3)
    return { ...beside, ...(url && call !== 'now' && { mayBeFirstHop: true }) };
  return { ...place, possible: placeOf(beside.host, undefined, String(beside.port ?? '')) };
}

function fromOnly(place: Place, others: readonly Place[]): Place | undefined {
  const fitting = others.filter(
    ({ host, port }) => (place.host ? host === place.host : true) && (place.port ? port === place.port : true),
  );
  const [only] = fitting;
  if (!only || new Set(fitting.map(({ host, port }) => `${host}:${port}`)).size !== 1) return undefined;
  return placeOf(only.host, place.address ?? only.address, String(only.port));
}

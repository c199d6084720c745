/**
 * Which names a service sends its clients on to, by redirect or by a URL in its answer. Known of the service, not seen in the
 * cluster: whoever asks says "typically". Asked by `known-host.ts`, `remedy/host-advice.ts` and `verdict/first-hop.ts`.
 */
import type { Row } from './hand-off.ts';
import { fill, type HostPattern, matchHost } from './host-pattern.ts';
import { PACKAGE_ROWS } from './rows/packages.ts';
import { REGISTRY_ROWS } from './rows/registries.ts';
import { SERVICE_ROWS } from './rows/services.ts';

/** One pair of a row. */
export interface HandOff extends Omit<Row, 'from' | 'to'> {
  readonly from: HostPattern;
  readonly to: HostPattern;
}

export const HAND_OFFS: readonly HandOff[] = [...REGISTRY_ROWS, ...PACKAGE_ROWS, ...SERVICE_ROWS].flatMap(
  ({ from, to, ...row }) =>
    listed(from).flatMap((one) => listed(to).map((other) => ({ ...row, from: one, to: other }))),
);

function listed(patterns: Row['from']): readonly HostPattern[] {
  return typeof patterns === 'string' ? [patterns] : patterns;
}

export interface Hop {
  /** A name, or a pattern where the table leaves a part of it open. */
  readonly host: string;
  readonly what: string;
  readonly source: string;
  /** See `Row`: alone, such a name tells nothing of who sent a client there. */
  readonly alsoOthers: boolean;
}

function hopOf(row: HandOff, host: string): Hop {
  return { host, what: row.what, source: sourceText(row), alsoOthers: row.alsoOthers === true };
}

/** A row that no document could be found for says so wherever it is told. */
function sourceText({ source, unverified }: HandOff): string {
  return unverified === undefined ? source : `${unverified}: ${source}`;
}

/** Where clients of `host` are typically sent. */
export function leadsTo(host: string): readonly Hop[] {
  return HAND_OFFS.flatMap((row) => {
    const bound = matchHost(row.from, host);
    return bound === undefined ? [] : [hopOf(row, fill(row.to, bound))];
  });
}

/** Which names typically send their clients to `host`; first those to which such a name points alone. */
export function handedOutBy(host: string): readonly Hop[] {
  return HAND_OFFS.flatMap((row) => {
    const bound = matchHost(row.to, host);
    return bound === undefined ? [] : [hopOf(row, fill(row.from, bound))];
  }).toSorted((a, b) => Number(a.alsoOthers) - Number(b.alsoOthers));
}

export interface Alternatives {
  /** Who chooses among them. */
  readonly from: string;
  readonly what: string;
  readonly names: readonly string[];
  readonly source: string;
}

/** Other names under which the same service hands out the same content: a rule for one lasts as long as the service chooses that one. */
export function alternativesTo(host: string): Alternatives | undefined {
  for (const row of HAND_OFFS) {
    const bound = matchHost(row.to, host);
    if (bound === undefined || row.alsoOthers === true) continue;
    const names = HAND_OFFS.filter((one) => one.from === row.from && one.what === row.what)
      .map((one) => fill(one.to, bound))
      .filter((name) => name !== host && !name.includes('*'));
    if (names.length > 0) return { from: fill(row.from, bound), what: row.what, names, source: sourceText(row) };
  }
  return undefined;
}

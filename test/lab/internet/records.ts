// The zone as the records of a name server: what a name has, and what is odd about asking for it.
import { type OddName, oddNames, type Site, sites } from './zone.ts';

function ofSite(site: Site): readonly OddName[] {
  const aliases = (site.aliases ?? []).map((name) => ({ name, cname: site.name }));
  return [{ name: site.name, address: site.address }, ...aliases];
}

const byName: ReadonlyMap<string, OddName> = new Map(
  [...sites.flatMap(ofSite), ...oddNames].map((entry) => [entry.name, entry]),
);

/** The name's entry, or that of the nearest `*.` above it. */
export function entryOf(name: string): OddName | undefined {
  const wanted = name.toLowerCase();
  const own = byName.get(wanted);
  if (own !== undefined) return own;
  const labels = wanted.split('.');
  const above = labels.map((_, index) => byName.get(['*', ...labels.slice(index + 1)].join('.')));
  return above.find((entry) => entry !== undefined);
}

export interface Chain {
  /** Each name and the one that it is an alias of, in order. */
  readonly links: readonly { readonly from: string; readonly to: string }[];
  readonly end: string;
  readonly entry: OddName | undefined;
}

export function follow(name: string): Chain {
  const links: { from: string; to: string }[] = [];
  let end = name;
  let entry = entryOf(end);
  while (entry?.cname !== undefined) {
    links.push({ from: end, to: entry.cname });
    end = entry.cname;
    entry = entryOf(end);
  }
  return { links, end, entry };
}

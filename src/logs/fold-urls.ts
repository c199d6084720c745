/** Counts the URLs of a log by place and kind of signature; filled by `page-walk.ts` line by line, as every line of an access log may hold some. */
import type { SeenUrl } from '../core/model/logs.ts';
import { withoutWhatWasSent } from './inbound.ts';
import { createRoom } from './room.ts';
import { displayOf, eachUrl, placeOfUrl, type Spelling, signatureOf, type UrlPlace } from './urls.ts';

/** Places are text of others: a log that makes up a new one each line must not fill the memory. */
const MAX_PLACES = 1000;
/** A signed URL is what the next hop is told by. */
const SIGNED_WORTH = 2;
const MAX_SPELLINGS = 5000;

export interface UrlLine {
  /** As it was read: never shown. */
  readonly raw: string;
  /** Harmless; asked for only where a URL is new. */
  readonly clean: () => string;
  readonly when: () => string | undefined;
}

export interface UrlFold {
  add(line: UrlLine): void;
  urls(): readonly SeenUrl[];
  /** How many were given up for newer ones. */
  notKept(): number;
}

interface Entry {
  readonly key: string;
  readonly place: Place;
  readonly url: SeenUrl;
  count: number;
  lastSeen: string | undefined;
  /** The line that counted last: a URL that a line holds twice counts once. */
  line: number;
}

interface Place extends UrlPlace {
  /** The entry of its URLs without signature, which are most. */
  plain?: Entry;
}

const MAY_BE_SIGNED = /\?|^\\{0,3}\/p\\{0,3}\//;

export function createUrlFold(container: string): UrlFold {
  const entries = createRoom<Entry>(MAX_PLACES, ({ place }) => delete place.plain);
  const placeOf = placesOnce();
  let number = 0;

  const entryOf = (spelling: Spelling, line: UrlLine): Entry | undefined => {
    const place = placeOf(spelling);
    if (!place) return undefined;
    const signature = MAY_BE_SIGNED.test(spelling.rest) ? signatureOf(spelling.rest) : undefined;
    if (signature === undefined && place.plain) return place.plain;
    const key = `${place.host}|${place.port}|${signature ?? ''}`;
    const known = entries.get(key);
    const entry = known ?? begin(container, { key, place, signature, authority: spelling.authority }, line);
    if (!entry) return undefined;
    if (!known) entries.add(key, entry, signature === undefined ? 0 : SIGNED_WORTH);
    if (signature === undefined) place.plain = entry;
    return entry;
  };
  return {
    add: (line) => {
      number += 1;
      eachUrl(line.raw, (spelling) => {
        const entry = entryOf(spelling, line);
        if (!entry || entry.line === number) return;
        if (entry.count > 0) entries.touch(entry.key);
        entry.count += 1;
        entry.line = number;
        entry.lastSeen = line.when() ?? entry.lastSeen;
      });
    },
    notKept: () => entries.givenUp(),
    urls: () => entries.values().map(seenOf),
  };
}

/** Remembers what became of each spelling, since most lines repeat few. */
function placesOnce(): (spelling: Spelling) => Place | undefined {
  const places = new Map<string, Place | undefined>();
  return ({ scheme, authority }) => {
    const key = `${scheme}:${authority}`;
    const known = places.get(key);
    if (known || places.has(key)) return known;
    const place = placeOfUrl(scheme, authority);
    if (places.size < MAX_SPELLINGS) places.set(key, place);
    return place;
  };
}

interface Found {
  readonly key: string;
  readonly place: Place;
  readonly signature: string | undefined;
  readonly authority: string;
}

function begin(container: string, { key, place, signature, authority }: Found, line: UrlLine): Entry | undefined {
  // The pool's words have host and port apart.
  if (!withoutWhatWasSent(line.raw).includes(authority.replace(/:\d{1,5}$/, ''))) return undefined;
  const display = shown(line.clean(), place, signature);
  if (display === undefined) return undefined;
  const firstSeen = line.when();
  const url = {
    host: place.host,
    port: place.port,
    ...(signature && { presigned: signature }),
    display,
    container,
    ...(firstSeen && { firstSeen }),
  };
  return { key, place, url: { ...url, count: 0 }, count: 0, lastSeen: undefined, line: 0 };
}

function seenOf({ url, count, lastSeen }: Entry): SeenUrl {
  return { ...url, count, ...(lastSeen !== undefined && { lastSeen }) };
}

/** As the harmless text has it: a URL inside a secret is none to show. */
function shown(text: string, place: UrlPlace, signature: string | undefined): string | undefined {
  let display: string | undefined;
  eachUrl(text, (spelling) => {
    const { host, port } = placeOfUrl(spelling.scheme, spelling.authority) ?? {};
    if (display !== undefined || host !== place.host || port !== place.port || signatureOf(spelling.rest) !== signature)
      return;
    display = displayOf(spelling, place);
  });
  return display;
}

/** Tells whether a place that stands beside words of failure is the one that failed, or only stands there; used by `classify.ts`. */
import { ADDRESS_PORT, HOST, PORT } from './failure-pattern.ts';
import { type Place, placeOf } from './place.ts';

const NEAR_CHARS = 80;
const NEAR_PLACES = [new RegExp(ADDRESS_PORT, 'g'), new RegExp(`\\b${HOST}:${PORT}\\b`, 'g')];

/** `client.py:123` has the shape of a host and port; some of these are top-level domains too, but here a place is only guessed. */
const SOURCE_FILE = /\.(?:[ch]|cc|cpp|cs|cts|cjs|ex|go|java|js|jsx|kt|mjs|mts|php|py|rb|rs|scala|ts|tsx)$/;

/** `Connection refused (a.example:443)`, `timed out connecting to a.example:443`. */
const AFTER =
  /^[\s:;,([\]"'=>-]{0,4}(?:(?:when |while |by )?(?:connecting |connect |connection |peer )?(?:to|from|for|at|on|with|calling|dialing|peer) )?["'([]{0,2}$/i;
/** `a.example:443: Connection refused`, `a.example:443 - connect failed: Connection refused`. */
const BEFORE =
  /^["'\])]{0,2}[\s:;,-]{0,4}(?:(?:connect|connection|dial|socket|connect error|error|failed|connect failed|reason): ){0,2}["'([]{0,2}$/i;

/**
 * Forms in which a client prints the URL that it was just calling, also behind a redirect: Go (net/http/client.go, `uerr`), node-fetch and
 * npm's minipass-fetch (`request to … failed, reason:`), Guzzle (CurlFactory::createRejection), botocore (exceptions.py).
 */
const CALLS: readonly RegExp[] = [
  /\b[A-Z][a-z]{2,6} "https?:[^"\n]{1,2000}": /,
  /\brequest to https?:\S{1,2000} failed, reason: /,
  /cURL error \d{1,3}: [^\n]{0,400} for https?:/,
  /\bendpoint URL: "https?:/,
];

/** Spring's RestTemplate and RestClient (ResourceAccessException), Feign (FeignException.errorExecuting): below them redirects are followed. */
const FIRST_CALLS: readonly RegExp[] = [
  /\bI\/O error on [A-Z]{3,7} request for "https?:[^"\n]{1,2000}": /,
  /\bexecuting [A-Z]{3,7} https?:\S/,
];

interface NearPlaces {
  /** The words are said of this place. */
  readonly told?: Place;
  /** It stands on the same line. */
  readonly possible?: Place;
}

/** `address:port` or `host:port` on the same line shortly before or after the words. */
export function placesNear(text: string, start: number, end: number): NearPlaces {
  const from = Math.max(0, start - NEAR_CHARS);
  // A cut goes through a word, and half a host is another host.
  const before = (text.slice(from, start).split('\n').at(-1) ?? '').replace(from > 0 ? /^\S+/ : '', '');
  const after = text.slice(end, end + NEAR_CHARS).split('\n')[0] ?? '';
  const found = [
    ...placesIn(after).map(({ place, at }) => ({ place, isTied: AFTER.test(after.slice(0, at)) })),
    ...placesIn(before).map(({ place, end: to }) => ({ place, isTied: BEFORE.test(before.slice(to)) })),
  ];
  const told = found.find(({ isTied }) => isTied)?.place;
  if (told) return { told };
  const [first, ...others] = found;
  return first && others.every(({ place }) => isSame(place, first.place)) ? { possible: first.place } : {};
}

function placesIn(side: string): readonly { readonly place: Place; readonly at: number; readonly end: number }[] {
  return NEAR_PLACES.flatMap((expression) => [...side.matchAll(expression)]).flatMap(
    ({ groups = {}, index, 0: all }) => {
      const place = placeOf(groups['host'], groups['address'], groups['port']);
      return isPlace(place) ? [{ place, at: index, end: index + all.length }] : [];
    },
  );
}

const isSame = (one: Place, other: Place): boolean =>
  one.host === other.host && one.address === other.address && one.port === other.port;

/** Of what has the shape of a place, what may be one. */
export function isPlace({ address, host }: Place): boolean {
  return address !== undefined || (host !== undefined && host.includes('.') && !SOURCE_FILE.test(host));
}

/** Whether the text has the form in which a client names its call: the one that it was just making, or the first, before any redirect. */
export function namedCall(text: string): 'now' | 'first' | undefined {
  if (CALLS.some((call) => call.test(text))) return 'now';
  return FIRST_CALLS.some((call) => call.test(text)) ? 'first' : undefined;
}

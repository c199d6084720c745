/** Finds the URLs in a text and says which carry a signature, and of what kind; used by `fold-urls.ts` and `classify.ts`. */
import { presignedKind } from '../core/hops/presigned.ts';
import { clean } from '../core/text/clean.ts';
import { placeOf } from './place.ts';

const MAX_DISPLAY = 300;
const MAX_URLS_PER_TEXT = 50;
const LONGEST_SCHEME = 'https'.length;
const FULL = /\b(https?|wss?):(?:\\{0,3}\/){2}([^\s/?#"'<>\\|]{1,300})([^\s"'<>|]{0,6000})/gi;
/** urllib3 prints the host in the pool and only the path as the URL. */
const POOLED =
  /(HTTPS?)Connection(?:Pool)?\(host='([^'\s]{1,255})', port=(\d{1,5})\)[^\n]{0,40}? with url: (\/[^\s]{0,6000})/g;
/** A retry warning: the connection is named in the cause, the path stands at the line's end. */
const RETRIED =
  /(HTTPS?)Connection(?:Pool)?\(host='([^'\s]{1,255})', port=(\d{1,5})\)(?=[^\n]{0,600}\)': (\/[^\s]{0,6000}))/g;

/** Where clients' own error texts send the reader; the pod never called them. */
const MANUALS = new Set([
  'curl.se',
  'curl.haxx.se',
  'urllib3.readthedocs.io',
  'docs.python.org',
  'nodejs.org',
  'pkg.go.dev',
]);

/** A URL as it stands in the text, in pieces. */
export interface Spelling {
  readonly scheme: string;
  readonly authority: string;
  readonly rest: string;
}

export interface UrlPlace {
  readonly host: string;
  readonly port: number;
}

/** Calls `found` with each URL in order of appearance; of two kinds of warning, with the pieces from where they stand. */
export function eachUrl(text: string, found: (url: Spelling) => void): void {
  let left = MAX_URLS_PER_TEXT;
  const search = (expression: RegExp, from: number, authorityOf: (match: RegExpExecArray) => string): void => {
    expression.lastIndex = from;
    for (let match = expression.exec(text); match && left > 0; match = expression.exec(text)) {
      left -= 1;
      found({ scheme: match[1] ?? '', authority: authorityOf(match), rest: match.at(-1) ?? '' });
    }
  };
  // Most of what is looked at are long lines with one plain URL.
  const plain = text.indexOf('://');
  const escaped = text.includes(':\\');
  if (plain >= 0 || escaped) search(FULL, escaped ? 0 : Math.max(0, plain - LONGEST_SCHEME), (match) => match[2] ?? '');
  if (!text.includes("(host='")) return;
  for (const expression of [POOLED, RETRIED]) search(expression, 0, (match) => `${match[2]}:${match[3]}`);
}

const usualPort = (scheme: string): number => (/s$/i.test(scheme) ? 443 : 80);

/** Undefined where the grammar of hosts and ports says that this is none, or where it is a manual. */
export function placeOfUrl(scheme: string, authority: string): UrlPlace | undefined {
  const [, hostText, portText] = /^(?:.*@)?(\[[0-9a-fA-F:.]+\]|[^:]+)(?::(\d{1,5}))?/.exec(untrailed(authority)) ?? [];
  const place = placeOf(hostText, undefined, portText ?? String(usualPort(scheme)));
  const host = place.host ?? place.address;
  return host === undefined || place.port === undefined || MANUALS.has(host) ? undefined : { host, port: place.port };
}

/** The kind of signature that path and query carry, if any. */
export function signatureOf(rest: string): string | undefined {
  const [, path = '', query = ''] = /^([^?#]*)(?:\?([^#]*))?/.exec(unescaped(rest)) ?? [];
  return presignedKind(query, path);
}

/** `https://host:port/path?query`, secrets redacted, bounded; untrusted. */
export function displayOf({ scheme, rest }: Spelling, { host, port }: UrlPlace): string {
  const shownPort = port === usualPort(scheme) ? '' : `:${port}`;
  return clean(`${scheme.toLowerCase()}://${bracketed(host)}${shownPort}${unescaped(rest)}`, MAX_DISPLAY);
}

/** Where the URLs of a text point. */
export function urlPlaces(text: string): readonly UrlPlace[] {
  const places: UrlPlace[] = [];
  eachUrl(text, ({ scheme, authority }) => {
    const place = placeOfUrl(scheme, authority);
    if (place) places.push(place);
  });
  return places;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Undoes JSON and HTML escapes; another backslash ends the URL. */
function unescaped(rest: string): string {
  const plain = rest
    .replace(/\\u0026/gi, '&')
    .replace(/&amp;/g, '&')
    .replace(/\\\//g, '/');
  return untrailed(plain.replace(/\\.*$/s, ''));
}

/** Sentence marks and closing brackets after a URL are not part of it; `[redacted]` is. */
function untrailed(text: string): string {
  const end = /(?:[),.;:}>\]*`]|%22)+$/.exec(text);
  if (!end || text.endsWith('[redacted]')) return text;
  const kept = text.slice(0, end.index);
  return text.startsWith('[redacted]', kept.length - 9) ? `${kept}]` : kept;
}

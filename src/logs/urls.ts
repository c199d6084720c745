/** Finds the URLs in a text and says which carry a signature, and of what kind; used by `analyse.ts` and `classify.ts`. */
import { presignedKind } from '../core/hops/presigned.ts';
import { clean } from '../core/text/clean.ts';
import { placeOf } from './place.ts';

export interface FoundUrl {
  readonly host: string;
  readonly port: number;
  readonly presigned?: string;
  /** `https://host:port/path?query`, secrets redacted, bounded; untrusted. */
  readonly display: string;
}

const MAX_DISPLAY = 300;
const MAX_URLS_PER_TEXT = 50;
const FULL = /\b(https?|wss?):(?:\\?\/){2}([^\s/?#"'<>\\|]{1,300})([^\s"'<>|]{0,6000})/gi;
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

/** URLs in order of appearance, each spelled once. */
export function findUrls(text: string): readonly FoundUrl[] {
  const found = new Map<string, FoundUrl>();
  const keep = (url: FoundUrl | undefined): void => {
    if (url && found.size < MAX_URLS_PER_TEXT) found.set(url.display, url);
  };
  for (const [, scheme, authority, rest] of text.matchAll(FULL)) keep(urlOf(scheme ?? '', authority ?? '', rest ?? ''));
  for (const expression of [POOLED, RETRIED]) {
    for (const [, scheme, host, port, path] of text.matchAll(expression))
      keep(urlOf(scheme ?? '', `${host}:${port}`, path ?? ''));
  }
  return [...found.values()];
}

function urlOf(scheme: string, authority: string, rest: string): FoundUrl | undefined {
  const usual = /s$/i.test(scheme) ? 443 : 80;
  const [, hostText, portText] = /^(?:.*@)?(\[[0-9a-fA-F:.]+\]|[^:]+)(?::(\d{1,5}))?/.exec(untrailed(authority)) ?? [];
  const place = placeOf(hostText, undefined, portText ?? String(usual));
  const host = place.host ?? place.address;
  const { port } = place;
  if (host === undefined || port === undefined || MANUALS.has(host)) return undefined;
  const tail = unescaped(rest);
  const [, path = '', query = ''] = /^([^?#]*)(?:\?([^#]*))?/.exec(tail) ?? [];
  const presigned = presignedKind(query, path);
  const shownPort = port === usual ? '' : `:${port}`;
  const display = clean(`${scheme.toLowerCase()}://${bracketed(host)}${shownPort}${tail}`, MAX_DISPLAY);
  return { host, port, ...(presigned && { presigned }), display };
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

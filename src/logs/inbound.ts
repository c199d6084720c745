/**
 * Takes out of a line what a client of this pod sent: request, referer, user agent. Anybody can write an error or a signed URL there, and
 * neither is about a call of the pod's own. Used by `events.ts` and `fold-urls.ts`.
 */

/** The request line of a common or combined access log, as Apache, nginx and Envoy write it. */
const REQUEST = /"(?:[A-Z]{3,16}|-) (?:[^"\\]|\\.){0,8000}? HTTP\/\d(?:\.\d)?"|"- - -"/;
const QUOTED = /"(?:[^"\\]|\\.)*"/g;
/** What Envoy itself puts between quotes: an address, its reason. */
const OWN = /^"(?:-|\[?[0-9a-fA-F.:]{2,45}\]?:\d{1,5}|(?:delayed_connect_error|TLS_error|upstream_)[\w:|{},.-]*)"$/;

const VALUE = '"(?:[^"\\\\]|\\\\.)*"';
const field = (names: string): RegExp =>
  new RegExp(`((?:"[\\w.-]{0,40}(?:${names})"\\s{0,4}:\\s{0,4})|(?<=^|\\s)[\\w.-]{0,40}(?:${names})=)${VALUE}`, 'gi');
/** Who asked, and from where: a record of a call that the pod itself made has a user agent and a URL, too, but none of these. */
const RECORD_OF_REQUEST =
  /(?:remote|client|peer|downstream_remote)[_.]?(?:addr|ip)|forwarded[_.-]for|referr?er|request_uri|http_user_agent/i;
const AGENT = field('user[_.-]?agent');
const SENT = field(
  'referr?er|cookie|forwarded[_.-]for|request|request_?uri|uri|url|path|target|query|query_string|args|body',
);
/** `boto3/1.34.2 md/Botocore#1.34.2`: what libraries call themselves. */
const PRODUCTS = /"(?:[\w.-]{1,40}\/[\w.#+-]{1,60} ?){1,20}"$/;

/** The line itself where it is no record of a request that came in. */
export function withoutWhatWasSent(line: string): string {
  if (!line.includes('"')) return line;
  if (line.includes(' HTTP/') || line.includes('"- - -"')) return accessRecord(line);
  if (!/user[_.-]?agent/i.test(line)) return line;
  const silent = line.replace(AGENT, (whole, key: string) => (PRODUCTS.test(whole) ? whole : `${key}""`));
  return RECORD_OF_REQUEST.test(line) ? silent.replace(SENT, '$1""') : silent;
}

/** Of nginx's error log the upstream stays, which it names itself. */
function accessRecord(line: string): string {
  const request = REQUEST.exec(line);
  if (!request) return line;
  const behind = line.slice(request.index + request[0].length);
  const rest = behind.replace(QUOTED, (quoted, at: number) =>
    OWN.test(quoted) || behind.slice(0, at).endsWith(' upstream: ') ? quoted : '""',
  );
  return `${line.slice(0, request.index)}"- - -"${rest}`;
}

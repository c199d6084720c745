/**
 * One line of a program's output, read strictly: `NONCE <tab> kind <tab> target <tab> key=value…`. Used by `collector.ts`.
 *
 * Tab-separated fields rather than JSON: a shell can write them safely, a python without `json` too, and nothing of a hostile
 * pod reaches a general parser. A line without this run's nonce is somebody else's and is dropped.
 *
 * THE CONTRACT OF EVERY PROGRAM in `programs/`. Arguments: NONCE CONNECT_MS LOOKUP_MS TOTAL_MS, then for each target five
 * values: id host port tls(1|0) path(`-` or an HTTP path without query). Values are data: never evaluated, never interpolated.
 * Standard input stays open while the caller listens: its end means that the caller is gone, and the program ends at once with
 * all it started. Nothing is written to a file. All targets run side by side, each step within its own time; TOTAL_MS ends all.
 *
 * Records (target `-` for those about the run; fields in any order, those in brackets optional; times in ms):
 *   need - rung=NAME                    by the ladder only: which program is to be sent
 *   hello - rung= [version=] [libc=glibc|musl] [time=EPOCH_SECONDS] [lookup=] [connect=] [tls=]     first, at once
 *   limit - code=                       what this rung cannot tell, by a code of `limits.ts`
 *   resolver - [nameserver=]… [search=]… ndots= [option=]…
 *   env - name=HTTPS_PROXY value=       credentials taken off
 *   library t form=app|absolute|search|hosts|bash [addr=]… [err=EAI_NAME] [text=] [ms=]       what the C library gives
 *   dns t q=A|AAAA server= [via=udp|tcp] [suffix=SEARCH_DOMAIN] [ms=] hex=WHOLE_REPLY|err=timeout|ERRNO
 *   looked t [ms=]                      the lookup has ended; the addresses of `app`, `search` or `hosts` are tried
 *   trying t addr=                      before each connection attempt (at most four: two of each family first)
 *   connect t addr= [ms=] ok=1|err=ERRNO|exit=CODE tool= text=
 *   tls t addr= [ms=] ok=1|verify=NUMBER|expired|wrong_name|untrusted|unknown|err=timeout|closed|tls|ERRNO [text=]
 *         [version=TLSv1.3] [cert=DER_IN_HEX] [got=BYTES_RECEIVED]
 *   segment t addr= mss=536 ok=1|verify=…|err=…      after a stalled handshake: once more with small segments
 *   http t addr= [ms=] status=|err=timeout|closed|ERRNO [location=WHOLE] [via=] [server=]    after a trusted handshake only
 *   proxy t name=HTTPS_PROXY host= port= [ms=] status=|err=ERRNO|timeout|closed|lookup|metadata|scheme [via=]
 *         a CONNECT without credentials; ETIMEDOUT: no connection to the proxy, timeout: no answer through it
 *   raw t tool= LINE, end t tool= exit= [ms=] [suffix=]    a tool's own text, parsed by us (`tool-output.ts`)
 *   trouble t text=                     the program's own failure on this target
 *   done -                              the end mark
 * The order of work for a target: lookup (C library and name servers side by side; the host's name as it is, A and AAAA, over
 * UDP and, where that is silent or truncated, over TCP; where the name has fewer dots than ndots also A with each search
 * domain), then every address at once, then on the first that connects TLS (its own trust store), then HTTP on the same
 * connection, and beside all that the proxy. A metadata address (`metadata-addresses.ts`) is never connected to: err=metadata.
 * What a rung leaves out of this it says by a `limit`, where it matters for the targets (`no_http` only where a path was given).
 */

export const RECORD_KINDS = [
  'need',
  'hello',
  'limit',
  'resolver',
  'env',
  'library',
  'dns',
  'looked',
  'trying',
  'connect',
  'tls',
  'segment',
  'http',
  'proxy',
  'raw',
  'end',
  'trouble',
  'done',
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

export interface ProbeRecord {
  readonly kind: RecordKind;
  /** The program's name for a target (`t0`), or `-`. */
  readonly target: string;
  /** As printed, in order; keys may repeat. */
  readonly fields: readonly string[];
}

const MOST_FIELDS = 64;
const KINDS: ReadonlySet<string> = new Set(RECORD_KINDS);

export function parseRecord(line: string, nonce: string): ProbeRecord | undefined {
  const [mark, kind, target, ...fields] = line.split('\t', MOST_FIELDS);
  if (mark !== nonce || kind === undefined || target === undefined) return undefined;
  if (!KINDS.has(kind) || !/^(?:-|t\d{1,2})$/.test(target)) return undefined;
  return { kind: kind as RecordKind, target, fields };
}

export function valuesOf(record: ProbeRecord, key: string): readonly string[] {
  const prefix = `${key}=`;
  return record.fields.filter((field) => field.startsWith(prefix)).map((field) => field.slice(prefix.length));
}

export function valueOf(record: ProbeRecord, key: string): string | undefined {
  return valuesOf(record, key)[0];
}

/** A small non-negative integer, or nothing. */
export function numberOf(record: ProbeRecord, key: string): number | undefined {
  const text = valueOf(record, key);
  return text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}

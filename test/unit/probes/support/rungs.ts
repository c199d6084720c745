/** Test support: the containers that the rungs are tried in, one row a rung; what a rung can't do it must say in its limits. */
import { canIsolate, toolBox, which } from './local-kube.ts';

/**
 * What the contract (`record.ts`) asks of every rung. One that is not in `cannot` must show in the results; one that is must
 * be owned to in the report's limits.
 */
export const FEATURES = [
  /** Why a lookup failed, and CNAMEs. */
  'reasons',
  /** Packets of the name servers: rcode, CNAMEs, TTL, by server. */
  'answers',
  'aaaa',
  /** Over TCP what is silent or truncated over UDP. */
  'dns_tcp',
  /** The names that the search list makes. */
  'search',
  'tls',
  /** Issuer, dates and names of the certificate. */
  'certificate',
  /** Bytes that came back in a broken handshake. */
  'received',
  'segment',
  'http',
  /** The same over TLS. */
  'https',
  'proxy',
] as const;
export type Feature = (typeof FEATURES)[number];

/** How a report's limits own up to it. */
export const OWNED_TO: Readonly<Record<Feature, RegExp>> = {
  reasons: /own answer \(REFUSED/,
  answers: /own answer \(REFUSED|asks the DNS server itself|over TCP only/,
  aaaa: /A records only|own answer \(REFUSED|asks the DNS server itself|over TCP only/,
  dns_tcp: /UDP only|own answer \(REFUSED|asks the DNS server itself|over TCP only/,
  search: /one by one|search list|own answer \(REFUSED/,
  tls: /TLS was not tried/,
  certificate: /certificate itself|TLS was not tried/,
  received: /how many bytes|TLS was not tried/,
  segment: /small segments|TLS was not tried/,
  http: /no HTTP request was made:/,
  https: /no HTTP request was made/,
  proxy: /proxy .* was not asked/,
};

export interface RungRow {
  readonly needs: readonly string[];
  /** As the report names it. */
  readonly rung: string;
  readonly path: () => string;
  /** Default: nothing. */
  readonly cannot?: readonly Feature[];
}

const BASH_TOOLS = ['sh', 'bash', 'getent', 'dd', 'od'] as const;
/** What a rung without TLS lacks. */
const TLS: readonly Feature[] = ['tls', 'certificate', 'received', 'segment', 'https'];
/** Of one that asks a name server over TCP only. */
const UDP_ANSWERS: readonly Feature[] = ['answers', 'aaaa', 'dns_tcp'];
/** Of one that has a tool ask. */
const TOOL_ANSWERS: readonly Feature[] = ['answers', 'aaaa', 'dns_tcp'];

export const ROWS: Readonly<Record<string, RungRow>> = {
  python3: { needs: ['python3'], rung: 'python3', path: () => toolBox(['sh', 'python3']) },
  'python3 without a shell': { needs: ['python3'], rung: 'python3', path: () => toolBox(['python3']) },
  node: { needs: ['node'], rung: 'node', path: () => toolBox(['sh', 'node']), cannot: ['segment'] },
  'node without a shell': { needs: ['node'], rung: 'node', path: () => toolBox(['node']), cannot: ['segment'] },
  perl: { needs: ['perl', 'openssl'], rung: 'perl', path: () => toolBox(['sh', 'perl', 'openssl']) },
  'perl without a shell': { needs: ['perl', 'openssl'], rung: 'perl', path: () => toolBox(['perl', 'openssl']) },
  deno: { needs: ['deno'], rung: 'deno', path: () => toolBox(['sh', 'deno']), cannot: ['segment'] },
  bun: { needs: ['bun'], rung: 'bun', path: () => toolBox(['sh', 'bun']), cannot: ['segment'] },
  'bun without a shell': { needs: ['bun'], rung: 'bun', path: () => toolBox(['bun']), cannot: ['segment'] },
  ruby: { needs: ['ruby'], rung: 'ruby', path: () => toolBox(['sh', 'ruby']) },
  'ruby without a shell': { needs: ['ruby'], rung: 'ruby', path: () => toolBox(['ruby']) },
  python2: { needs: ['python2'], rung: 'python2', path: () => toolBox(['sh', 'python2']) },
  'python2 without a shell': { needs: ['python2'], rung: 'python2', path: () => toolBox(['python2']) },
  php: { needs: ['php'], rung: 'php', path: () => toolBox(['sh', 'php']) },
  'php without a shell': { needs: ['php'], rung: 'php', path: () => toolBox(['php']) },
  bash: {
    needs: ['bash', 'getent', 'openssl'],
    rung: 'bash+getent',
    path: () => toolBox([...BASH_TOOLS, 'openssl']),
    cannot: ['segment'],
  },
  'bash with curl': {
    needs: ['bash', 'getent', 'curl'],
    rung: 'bash+getent',
    path: () => toolBox([...BASH_TOOLS, 'curl']),
    cannot: ['segment'],
  },
  'bash without dd and od': {
    needs: ['bash', 'getent'],
    rung: 'bash+getent',
    path: () => toolBox(['sh', 'bash', 'getent']),
    cannot: [...UDP_ANSWERS, ...TLS],
  },
  'bash alone, without a shell beside it': {
    needs: ['bash'],
    rung: 'bash',
    path: () => toolBox(['bash']),
    cannot: [...UDP_ANSWERS, ...TLS],
  },
  'curl alone': {
    needs: ['dash', 'curl'],
    rung: 'sh+curl',
    path: () => toolBox(['sh', 'curl']),
    cannot: ['reasons', 'answers', 'aaaa', 'dns_tcp', 'search', 'segment'],
  },
  'getent, nslookup, nc and openssl': {
    needs: ['dash', 'busybox', 'getent', 'openssl'],
    rung: 'busybox+getent',
    path: () => toolBox(['sh', 'getent', 'openssl'], ['nslookup', 'nc', 'true', 'sleep']),
    cannot: ['answers', 'aaaa', 'dns_tcp', 'segment'],
  },
  'dig, nc and curl': {
    needs: ['dash', 'dig', 'nc', 'curl'],
    rung: 'sh+dig+nc',
    path: () => toolBox(['sh', 'dig', 'nc', 'curl', 'sleep']),
    cannot: ['answers', 'aaaa', 'dns_tcp', 'segment'],
  },
  toybox: {
    needs: ['dash', 'toybox'],
    rung: 'toybox',
    path: () => toolBox(['sh', 'toybox'], ['nc', 'host', 'sleep'], 'toybox'),
    cannot: [...TOOL_ANSWERS, ...TLS],
  },
  busybox: {
    needs: ['busybox'],
    rung: 'busybox',
    path: () => toolBox([], ['sh', 'nslookup', 'nc', 'true', 'busybox']),
    cannot: [...TOOL_ANSWERS, ...TLS],
  },
  'busybox with openssl': {
    needs: ['busybox', 'openssl'],
    rung: 'busybox',
    path: () => toolBox(['openssl'], ['sh', 'nslookup', 'nc', 'true', 'busybox']),
    cannot: [...TOOL_ANSWERS, 'segment'],
  },
  java: {
    needs: ['java', 'javac', 'keytool'],
    rung: 'java',
    path: () => toolBox(['sh', 'env', 'java']),
    cannot: ['segment'],
  },
};

export const can = (name: string, feature: Feature): boolean => !(ROWS[name]?.cannot ?? []).includes(feature);

export const runs = (name: string): boolean =>
  canIsolate && (ROWS[name]?.needs ?? []).every((tool) => which(tool) !== undefined);

const missing = [...new Set(Object.values(ROWS).flatMap(({ needs }) => needs))].filter(
  (tool) => which(tool) === undefined,
);
if (missing.length > 0)
  console.warn(`probe rungs not run for lack of ${missing.join(', ')}; recorded outputs stand in`);
if (!canIsolate) console.warn('probe rungs not run: no mount namespaces here (Linux and root only)');

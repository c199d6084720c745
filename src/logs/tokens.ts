/**
 * The words that make a log line worth a second look: each text that a pattern of `patterns/` knows holds one of them, which a test
 * checks. Short enough to survive escaping, rare enough in lines that tell nothing; compared whatever their case.
 */
import { type Automaton, createAutomaton, type Word } from './automaton.ts';

/** What a line may hold. */
export const FAILURE = 1;
export const URL = 2;
export const KEY = 4;
/** Of the caller's own pattern. */
export const WANTED = 8;
/** Bytes that `stripInvisible` takes out, so that what stands around them may be one word. */
export const INVISIBLE = 16;
/** A library names itself and its version. */
export const BANNER = 32;

export const FAILURE_TOKENS: readonly string[] = [
  'timed out',
  'timeout',
  'time out',
  'refused',
  'unreachable',
  'no route',
  'could not resolve',
  'not resolve',
  'resolv',
  'name resolution',
  'not known',
  'no such host',
  'getaddrinfo',
  'gaierror',
  'lookup ',
  'unknownhost',
  'unknown host',
  'notfound',
  'eai_',
  'econn',
  'etimedout',
  'ehostunreach',
  'enetunreach',
  'nxdomain',
  'servfail',
  'reset',
  'hang up',
  'broken pipe',
  'disconnected',
  'connection closed',
  'side closed',
  'certificate',
  'x509',
  'ssl',
  'tls',
  'pkix',
  'deadline exceeded',
  'was canceled',
  'deadline has elapsed',
  'denied',
  'forbidden',
  'code 40',
  'response 40',
  'error 40',
  'proxy',
  'blackhole',
  'bad address',
  'connect to',
  'could not connect',
  'curl: (',
  'dial tcp',
  'dial udp',
  'errno ',
  'os error',
  'und_err_',
  'fetch failed',
  'sending request',
  'connectexception',
  'unavailable',
  "(host='",
  'could not translate',
  'servers could be',
  'try again',
  'properly respond',
  'wrong version',
  'client error',
  'enodata',
  'err_ssl',
  'err_tls',
  'self_signed',
  'self-signed',
  'unable_to_',
  'cert_has_expired',
  'connect: ',
  'noroutetohost',
  'returned error: 40',
  'connecting to',
  'unable to access',
  'tunnel connection failed',
  'deadline_exceeded',
  'connection to server at',
  'connection attempt failed',
  'hikaripool-',
  'server host',
  'lost connection',
  'communications link',
  'error while',
  '104 while',
  'connection to node',
  'node assignment',
  'metadata after',
  'connect attempt',
  'nobrokers',
  'serverselection',
  'server selection',
  'mongotimeout',
  'dns resolution failed',
  'connection established',
  'open tcp connection',
  'errno::',
  'end of file',
  'net::http',
  'curl error',
  'open stream',
  'enable crypto',
  'wget: ',
  'sqlstate[',
  'socketexception',
  'unabletoconnect',
  'remote certificate',
  'transport connection',
  'tunnel failed',
  'peerunverified',
  'terminated the handshake',
  'alternative dns name',
  'no name matching',
  'authentication with',
  'reqwest::error',
  'tcp connect error',
  ' r:',
  'initial communication packet',
  'through proxy',
  'kafkaconnectionerror',
  'not establish a connection',
  'connection timeout',
  'trustanchors',
  'connected to',
  'resolution failure',
  'to bootstrap from',
  'establish tunnel',
  'proxy response',
  ' uf',
  'urx,u',
  ' uc',
  ' df ',
  'flags":"u',
  'flags": "u',
  'to upstream',
  'connection was closed',
  'tcp connect (',
  'create socket',
  'type=unknown',
  'type: unknown',
  'unspecified/',
  'while exporting',
  'failed to export',
  'authentication handshake',
  'server preface',
  'socket closed',
  'unable to connect',
  '": eof',
  'unexpected eof',
  'connection lost',
  'http response to https',
  'prematurely',
  'network-related',
  'host not found',
  '/-1/',
  'layer4',
  'layer6',
  'layer7',
];

const URL_TOKENS = ['://', ':\\/\\/', 'pool(host=', 'connection(host='];

/** Every control but tab, newline and return; the beginnings of zero-width, bidi and soft-hyphen characters in UTF-8. */
const INVISIBLE_TOKENS = [
  ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).filter((char) => !/[\t\n\r]/.test(char)),
  '\x7f',
  '\xc2\xad',
  '\xe2\x80',
  '\xe2\x81',
  '\xef\xbb\xbf',
];

/** See `SAY_SO` in `versions.ts`. */
const BANNER_TOKENS = [
  'kafka version',
  'boto3/',
  'botocore/',
  'botocore#',
  'azsdk-',
  'gccl/',
  'mongo-java-driver',
  'mongodb/',
];

const words = (texts: readonly string[], kind: number): readonly Word[] => texts.map((text) => ({ text, kind }));

const ALWAYS: readonly Word[] = [
  ...words(FAILURE_TOKENS, FAILURE),
  ...words(URL_TOKENS, URL),
  ...words(['private key'], KEY),
  ...words(BANNER_TOKENS, BANNER),
];

let usual: Automaton | undefined;

/** `wanted`: bytes that every line the caller looks for holds one of. */
export function automatonFor(wanted: readonly string[] | undefined): Automaton {
  if (wanted) return createAutomaton([...ALWAYS, ...words(wanted, WANTED), ...words(INVISIBLE_TOKENS, INVISIBLE)]);
  usual ??= createAutomaton(ALWAYS);
  return usual;
}

/** Where in a long line telling words end. */
export function tellingPlaces(bytes: Uint8Array, from: number, to: number): readonly number[] {
  const { column, next, shift, telling, kinds } = automatonFor(undefined);
  const places: number[] = [];
  let state = 0;
  for (let at = from; at < to && places.length < MAX_PLACES; at++) {
    state = next[(state << shift) | (column[bytes[at] as number] as number)] as number;
    if (state >= telling && ((kinds[state] as number) & (FAILURE | KEY)) !== 0) places.push(at);
  }
  return places;
}

const MAX_PLACES = 32;

/** The grammar gate for everything a user names: tools call it before a host or object name goes anywhere else. */
import { DiagnoseError } from '../errors.ts';
import { normaliseName } from './dns-name.ts';
import { embeddedIpv4, formatIp, parseIp, parseLooseIpv4 } from './ip.ts';
import { isMetadataAddress, isMetadataName } from './metadata.ts';

export interface Target {
  /** Lower case, no trailing dot; absent when an address was given. */
  readonly host?: string;
  /** Canonical text form; absent when a name was given. */
  readonly address?: string;
  readonly port: number;
  readonly scheme?: 'http' | 'https' | 'tcp';
  /** Path of a URL without query and fragment (they may carry signatures). */
  readonly path?: string;
}

type Scheme = 'http' | 'https' | 'tcp';
interface Parts {
  readonly authority: string;
  readonly scheme?: Scheme;
  readonly path?: string;
}

const EXAMPLES =
  'Give a host name, HOST:PORT, an IP address, [IPv6]:PORT or an http(s) URL, e.g. api.vendor.example:443.';
// RFC 1035 lengths; underscore because real names carry it (_sip._tcp, DKIM) and Cilium accepts it.
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** A DNS name of LDH-or-underscore labels, at most 253 characters, no trailing dot, not something that reads as a number. */
export function isHostName(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => LABEL.test(label)) && !endsNumeric(text);
}

/** A strict IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  return parseIp(text) !== undefined;
}

/**
 * Reads HOST, HOST:PORT, IPv4, [IPv6]:PORT or a URL.
 * @throws DiagnoseError (usage) HOST_INVALID, PORT_INVALID or METADATA_REFUSED, naming the input and
 * the rule it breaks; LOOPBACK_REFUSED for the pod's own addresses.
 */
export function parseTarget(text: string, defaultPort?: number): Target {
  const { authority, scheme, path } = splitUrl(text.trim(), text);
  const { host, portText } = splitPort(authority, text);
  const port = portText === undefined ? implicitPort(scheme, defaultPort) : parsePort(portText, text);
  return { ...parseHost(host, text), port, ...(scheme && { scheme }), ...(path && { path }) };
}

/**
 * An RFC 1123 name as Kubernetes objects carry it.
 * @throws DiagnoseError (usage) NAME_INVALID
 */
export function parseK8sName(text: string, what: string): string {
  const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
  const limit = what === 'namespace' ? 63 : 253;
  const ok =
    text.length <= limit && (what === 'namespace' ? [text] : text.split('.')).every((part) => label.test(part));
  if (ok) return text;
  throw new DiagnoseError(
    'usage',
    'NAME_INVALID',
    `${shown(text)} is not a valid ${what === 'namespace' ? 'namespace name' : what}: Kubernetes names have lower-case letters, digits, "-"${what === 'namespace' ? '' : ' and "."'}, begin and end with a letter or digit, and have at most ${limit} characters.`,
    `Copy the name from kubectl get ${what === 'namespace' ? 'namespaces' : what.replace(/ name$/, '')}.`,
  );
}

function splitUrl(text: string, original: string): Parts {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)/.exec(text);
  if (!match) return { authority: text };
  const scheme = (match[1] ?? '').toLowerCase();
  if (scheme !== 'http' && scheme !== 'https' && scheme !== 'tcp')
    throw invalid(original, `the scheme must be http, https or tcp`);
  const authority = match[2] ?? '';
  if (authority.includes('@')) throw invalid(original, 'a URL must not carry a user name or password');
  const path = match[3] ?? '';
  // oxlint-disable-next-line no-control-regex
  if (/[\s\u0000-\u001f\u007f-\u009f]/.test(path) || path.length > 2048)
    throw invalid(original, 'the path must have no blanks or control characters and at most 2048 characters');
  return { authority, scheme, ...(path !== '' && { path }) };
}

function splitPort(authority: string, original: string): { host: string; portText?: string } {
  if (authority.startsWith('[')) {
    const match = /^\[([^\]]*)\](?::(.*))?$/.exec(authority);
    if (!match || !(match[1] ?? '').includes(':'))
      throw invalid(original, 'brackets hold one IPv6 address, e.g. [2001:db8::1]:443');
    return { host: match[1] ?? '', ...(match[2] !== undefined && { portText: match[2] }) };
  }
  const parts = authority.split(':');
  if (parts.length === 2) return { host: parts[0] ?? '', portText: parts[1] ?? '' };
  return { host: authority };
}

function implicitPort(scheme: Scheme | undefined, defaultPort: number | undefined): number {
  if (scheme === 'http') return 80;
  if (scheme === 'https') return 443;
  return defaultPort ?? 443;
}

function parsePort(text: string, original: string): number {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return port;
  throw new DiagnoseError(
    'usage',
    'PORT_INVALID',
    `${shown(original)}: the port must be a whole number from 1 to 65535.`,
    'Give the port the program connects to, e.g. api.vendor.example:443.',
  );
}

function parseHost(text: string, original: string): { host: string } | { address: string } {
  const name = normaliseName(text);
  if (isMetadataName(name) || isMetadataAddress(name)) throw metadata(original);
  if (isOwnAddress(name)) throw loopback(original);
  const ip = parseIp(name);
  if (ip) return { address: formatIp(ip) };
  if (isHostName(name)) return { host: name };
  throw invalid(original, brokenRule(name));
}

/**
 * RFC 6761 §6.3, the loopback blocks, and the unspecified addresses, by which Linux connects to itself: such a connection never leaves
 * the pod, so no egress policy sees it. `name` in lower case without a final dot.
 */
export function isOwnAddress(name: string): boolean {
  if (/^(.*\.)?localhost$/.test(name)) return true;
  const ip = parseIp(name);
  if (ip === undefined) return false;
  const four = embeddedIpv4(ip) ?? ip;
  return four.family === 6 ? four.value <= 1n : [0n, 127n].includes(four.value >> 24n);
}

function brokenRule(name: string): string {
  if (name === '') return 'the host is empty';
  if (name.startsWith('-')) return 'a host must not begin with "-"';
  if (parseLooseIpv4(name)) return 'write an IPv4 address as four decimal numbers without leading zeros';
  if (name.includes(':')) return 'it is neither a valid IPv6 address nor HOST:PORT';
  if (/[^\x00-\x7f]/.test(name)) return 'write an internationalised name in its ASCII form (xn--…), as DNS carries it';
  if (/[^a-z0-9_.-]/.test(name)) return 'a host name has only letters, digits, "-", "_" and "."';
  if (name.length > 253) return 'a host name has at most 253 characters';
  if (name.split('.').some((label) => label.length > 63)) return 'each label of a host name has at most 63 characters';
  if (name.split('.').includes('')) return 'a host name must not have empty labels';
  if (endsNumeric(name)) return 'a name whose last label is a number would be read as an address';
  return 'each label begins and ends with a letter, a digit or "_"';
}

// The WHATWG URL rule: a name whose last label reads as a number is an IPv4 address to some programs.
function endsNumeric(name: string): boolean {
  return /^(\d+|0x[0-9a-f]*)$/i.test(name.split('.').at(-1) ?? '');
}

function invalid(original: string, rule: string): DiagnoseError {
  return new DiagnoseError('usage', 'HOST_INVALID', `${shown(original)} is not a usable target: ${rule}.`, EXAMPLES);
}

function loopback(original: string): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'LOOPBACK_REFUSED',
    `${shown(original)} is the pod itself: such a connection never leaves the pod and no egress policy sees it.`,
    'Name the endpoint outside the pod; for a sidecar or local proxy, name what it forwards to.',
  );
}

function metadata(original: string): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'METADATA_REFUSED',
    `${shown(original)} is a cloud instance-metadata endpoint, which hands out credentials; it is never contacted.`,
    'Name the service the program really calls; for identity problems check the workload-identity settings instead.',
  );
}

/** The input as it may be repeated in a message: printable ASCII, no credentials, no query, bounded. */
function shown(text: string): string {
  const safe = text
    .slice(0, 300)
    .replace(/\/\/[^/?#]*@/, '//[redacted]@')
    .replace(/[?#].*$/s, '?…')
    .replace(/[^\x20-\x7e…]/g, '?');
  return `"${safe.length > 80 ? `${safe.slice(0, 79)}…` : safe}"`;
}

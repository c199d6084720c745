/** Which proxy the operator's environment names for a URL, as git and curl read it; used by `http-client.ts`. */
import { cidrContains, parseNetwork } from '../../core/net/cidr.ts';
import { parseIp } from '../../core/net/ip.ts';
import { proxyValue } from '../../core/text/proxy-value.ts';
import { GitProblem } from '../git-problem.ts';

export interface Proxy {
  readonly url: URL;
  /** `HTTPS_PROXY (http://proxy.example:3128)`, without its credentials. */
  readonly shown: string;
  /** Value of Proxy-Authorization. */
  readonly authorization?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * curl's rules (libcurl-env): the lower-case name first, ALL_PROXY last. HTTP_PROXY in capitals is a request's header where this runs as a CGI
 * program, which sets REQUEST_METHOD. Undefined where the way is direct.
 * @throws GitProblem for a proxy that cannot be used: going around it silently is not for this program to decide.
 */
export function proxyFor(url: URL, environment: Environment): Proxy | undefined {
  const scheme = url.protocol.slice(0, -1);
  const isCgi = environment['REQUEST_METHOD'] !== undefined;
  const names = [`${scheme}_proxy`, ...(scheme === 'http' && isCgi ? [] : [`${scheme.toUpperCase()}_PROXY`])];
  const variable = [...names, 'all_proxy', 'ALL_PROXY'].find((name) => (environment[name] ?? '').trim() !== '');
  if (variable === undefined) return undefined;
  if (isExcepted(url, environment['no_proxy'] ?? environment['NO_PROXY'] ?? '')) return undefined;
  return parseProxy(variable, (environment[variable] ?? '').trim());
}

function parseProxy(variable: string, value: string): Proxy {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const shown = `${variable} (${proxyValue(variable, value)})`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '')
    throw new GitProblem('invalid', `${shown} is no address of a proxy`, 'Give it as http://HOST:PORT.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const next = 'Name an HTTP proxy, except the Git server in NO_PROXY, or give the absolute path of a clone.';
    throw new GitProblem('unsupported', `${shown} is no HTTP proxy, and others are not spoken to`, next);
  }
  if (url.username === '' && url.password === '') return { url, shown };
  const credentials = `${unescaped(url.username)}:${unescaped(url.password)}`;
  return { url, shown, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Names with all that is below them, with or without a leading dot; addresses and ranges; each perhaps with a port; or a star for all. */
function isExcepted(url: URL, list: string): boolean {
  const host = url.hostname.toLowerCase().replace(/^\[|\]$|\.$/g, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || isMeant(entry, host, port));
}

function isMeant(entry: string, host: string, port: string): boolean {
  const [, place = entry, onlyPort] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const name = place.replace(/^\[|\]$/g, '');
  const address = parseIp(host);
  if (address !== undefined) {
    const range = parseNetwork(name);
    return range !== undefined && cidrContains(range, address);
  }
  const suffix = name.replace(/^\*?\./, '').replace(/\.$/, '');
  return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`));
}

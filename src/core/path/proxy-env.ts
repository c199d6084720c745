/** Whether the container's environment sends this connection through a proxy, which a direct probe does not; read by causes and findings. */
import { cidrContains, parseCidr } from '../net/cidr.ts';
import { formatIp, parseIp } from '../net/ip.ts';
import type { Case, EndpointCase } from '../verdict/case.ts';

export interface EnvProxy {
  /** e.g. `HTTPS_PROXY`, as the container has it. */
  readonly variable: string;
  /** Credentials removed by the probe; untrusted. */
  readonly value: string;
}

/**
 * The proxy that clients which honour the usual variables (curl, Python, Go; not every library) use for the endpoint. Undefined
 * where none is set, NO_PROXY excepts the host, or the environment was not seen.
 */
export function proxyOf({ probe }: Pick<Case, 'probe'>, endpoint: EndpointCase): EnvProxy | undefined {
  return probe.ok ? proxyIn(probe.value.proxyEnv, endpoint) : undefined;
}

type Endpoint = Pick<EndpointCase, 'host' | 'port'> & Partial<Pick<EndpointCase, 'probe'>>;

/** The same of an environment that was read elsewhere, such as the pod's own specification. */
export function proxyIn(environment: Readonly<Record<string, string>>, endpoint: Endpoint): EnvProxy | undefined {
  const env = Object.entries(environment).filter(([, value]) => value !== '');
  // Where both are set, curl, Python and the probe take the one in small letters.
  const find = (name: string) => env.find(([key]) => key === name) ?? env.find(([key]) => key.toLowerCase() === name);
  const found = find(isPlain(endpoint) ? 'http_proxy' : 'https_proxy') ?? find('all_proxy');
  if (found === undefined || isExcepted(endpoint, find('no_proxy')?.[1] ?? '')) return undefined;
  return { variable: found[0], value: found[1] };
}

/** The scheme decides, of which a port says little: the probe asked over HTTP without TLS, or asked the proxy for it. */
function isPlain({ port, probe }: Endpoint): boolean {
  if (port === 80 || probe?.ok !== true) return port === 80;
  const { http, tls, proxy } = probe.value;
  const requested = http !== undefined && http.outcome !== 'not_checked' && tls.outcome === 'not_checked';
  return requested || proxy?.variable.toLowerCase() === 'http_proxy';
}

function isExcepted(endpoint: Endpoint, list: string): boolean {
  return list.split(/[\s,]+/).some((entry) => entry !== '' && excepts(entry.toLowerCase(), endpoint));
}

/** `*`, a name with its subdomains (with or without the leading dot), a name with port, an address or a range. */
function excepts(entry: string, { host, port }: Endpoint): boolean {
  if (entry === '*') return true;
  const ip = parseIp(host);
  const range = parseCidr(entry);
  const address = parseIp(entry.replace(/^\[(.*)\]$/, '$1'));
  if (ip !== undefined && address !== undefined) return formatIp(ip) === formatIp(address);
  if (ip !== undefined && range !== undefined) return cidrContains(range, ip);
  const [name = '', only] = entry.split(/:(?=\d+$)/);
  if (only !== undefined && Number(only) !== port) return false;
  const domain = name.replace(/^\*?\./, '').replace(/\.$/, '');
  return host === domain || (ip === undefined && host.endsWith(`.${domain}`));
}

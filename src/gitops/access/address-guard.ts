/** Which addresses a Git server may have, asked just before each connection by `wire/http-client.ts`. */
import { cidrContains, isPrivateAddress, parseCidr } from '../../core/net/cidr.ts';
import { embeddedIpv4, parseIp } from '../../core/net/ip.ts';
import { isMetadataAddress, isMetadataName } from '../../core/net/metadata.ts';
import { GitProblem } from '../git-problem.ts';

/** @throws GitProblem for a name or an address. */
export function refuseMetadata(host: string): void {
  if (!isMetadataAddress(host) && !isMetadataName(host.toLowerCase())) return;
  throw new GitProblem(
    'refused',
    `${host} is a cloud metadata endpoint, not a Git server`,
    'Give the URL of a Git server.',
  );
}

/**
 * For one repository: a host that was reached at a public address is not followed to an internal one (DNS rebinding). A host
 * that is internal from the start is what companies have.
 */
export function createAddressGuard(): (host: string, address: string) => void {
  let external = false;
  return (host, address) => {
    refuseMetadata(address);
    const internal = isInternal(address);
    if (internal && external) {
      const reason = `${host} was a public address and now resolves to an internal one (${address})`;
      throw new GitProblem('refused', reason, 'Give the internal URL itself, if that server is meant.');
    }
    external ||= !internal;
  };
}

const HOST_ONLY = ['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'].flatMap((text) => parseCidr(text) ?? []);

/** Loopback, unspecified, link-local and the private ranges, also inside an IPv6 address that maps an IPv4 one. */
function isInternal(text: string): boolean {
  const ip = parseIp(text);
  if (ip === undefined) return false;
  const inner = embeddedIpv4(ip);
  return [ip, ...(inner === undefined ? [] : [inner])].some(
    (address) => isPrivateAddress(address) || HOST_ONLY.some((cidr) => cidrContains(cidr, address)),
  );
}

/** Which addresses only mean something inside a network or host; asked before connecting (`wire/http-client.ts`) and before credentials go in clear. */
import { cidrContains, isPrivateAddress, parseCidr } from '../../core/net/cidr.ts';
import { embeddedIpv4, type parseIp } from '../../core/net/ip.ts';

type IpAddress = NonNullable<ReturnType<typeof parseIp>>;

const HOST_ONLY = ['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'].flatMap((text) => parseCidr(text) ?? []);

/** Loopback, unspecified, link-local and the private ranges, also inside an IPv6 address that maps an IPv4 one. */
export function isInternalAddress(ip: IpAddress): boolean {
  const inner = embeddedIpv4(ip);
  return [ip, ...(inner === undefined ? [] : [inner])].some(
    (address) => isPrivateAddress(address) || HOST_ONLY.some((cidr) => cidrContains(cidr, address)),
  );
}

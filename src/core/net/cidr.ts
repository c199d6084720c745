/** Address ranges; used by CIDR peers in `core/policy` and by destination identities. */
import type { IpAddress } from './ip.ts';
import { formatIp, parseIp } from './ip.ts';

export interface Cidr {
  readonly family: 4 | 6;
  /** Network address: host bits are zero. */
  readonly network: bigint;
  readonly prefix: number;
}

/** `ADDRESS/PREFIX`; host bits are cleared, as Cilium and Kubernetes do. Undefined when it is not one. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const ip = slash === -1 ? undefined : parseIp(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (!ip || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const prefix = Number(length);
  return prefix > widthOf(ip.family) ? undefined : toCidr(ip, prefix);
}

/** The range of `prefix` bits that holds the address. */
export function toCidr(ip: IpAddress, prefix: number): Cidr {
  const shift = BigInt(widthOf(ip.family) - prefix);
  return { family: ip.family, network: (ip.value >> shift) << shift, prefix };
}

/** The range that holds this address alone. */
export function singleCidr(ip: IpAddress): Cidr {
  return toCidr(ip, widthOf(ip.family));
}

/** A range, or an address alone, which stands for itself. */
export function parseNetwork(text: string): Cidr | undefined {
  const ip = parseIp(text);
  return ip ? singleCidr(ip) : parseCidr(text);
}

export function widthOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

export function cidrContains(cidr: Cidr, ip: IpAddress): boolean {
  if (cidr.family !== ip.family) return false;
  const shift = BigInt(widthOf(cidr.family) - cidr.prefix);
  return ip.value >> shift === cidr.network >> shift;
}

/** True when every address of `inner` is in `outer`. */
export function cidrCovers(outer: Cidr, inner: Cidr): boolean {
  return outer.prefix <= inner.prefix && cidrContains(outer, { family: inner.family, value: inner.network });
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp({ family: cidr.family, value: cidr.network })}/${cidr.prefix}`;
}

const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
].flatMap((text) => parseCidr(text) ?? []);

/** RFC 1918, RFC 6598, link-local and unique-local addresses: where pods, nodes and Services usually live. */
export function isPrivateAddress(ip: IpAddress): boolean {
  return PRIVATE.some((cidr) => cidrContains(cidr, ip));
}

/** Cloud instance-metadata endpoints, which this product never contacts; asked by `host.ts` and by whoever is about to connect. */
import { formatIp, type IpAddress, parseIp, parseLooseIpv4 } from './ip.ts';

// Instance metadata of AWS, Azure, GCP and others; ECS and EKS credential endpoints; Alibaba, Tencent, Scaleway; AWS, GCP and
// Scaleway over IPv6.
const ADDRESSES: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '169.254.0.23',
  '169.254.42.42',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fd00:42::42',
]);

const NAMES: ReadonlySet<string> = new Set([
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
  'metadata.tencentyun.com',
]);

/** True for a metadata address in any spelling a C library would accept (decimal, hex, octal, IPv4-mapped…). */
export function isMetadataAddress(text: string): boolean {
  const ip = parseIp(text) ?? parseLooseIpv4(text);
  if (!ip) return false;
  return (
    ADDRESSES.has(formatIp(ip)) || (ip.family === 6 && embedded(ip).some((inner) => ADDRESSES.has(formatIp(inner))))
  );
}

/**
 * IPv4-mapped, IPv4-compatible, and NAT64 by any prefix of 96 bits (RFC 6052 §2.2: a network may have its own), all of which end in the
 * IPv4 address, as some clouds' own addresses do (`fe80::a9fe:a9fe`); then 6to4 (RFC 3056), which begins with it.
 */
function embedded({ value }: IpAddress): readonly IpAddress[] {
  const four = (bits: bigint): IpAddress => ({ family: 4, value: bits & 0xffffffffn });
  return [four(value), ...(value >> 112n === 0x2002n ? [four(value >> 80n)] : [])];
}

/** True for a name that cloud platforms resolve to their metadata service; `name` lower-case, without trailing dot. */
export function isMetadataName(name: string): boolean {
  return NAMES.has(name);
}

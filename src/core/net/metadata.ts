/** Cloud instance-metadata endpoints, which this product never contacts; asked by `host.ts` and by whoever is about to connect. */
import { embeddedIpv4, formatIp, parseIp, parseLooseIpv4 } from './ip.ts';

// Instance metadata of AWS, Azure, GCP and others; ECS and EKS credential endpoints; Alibaba; AWS over IPv6.
const ADDRESSES: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  'fd00:ec2::254',
  'fd00:ec2::23',
]);

const NAMES: ReadonlySet<string> = new Set([
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
]);

/** True for a metadata address in any spelling a C library would accept (decimal, hex, octal, IPv4-mapped…). */
export function isMetadataAddress(text: string): boolean {
  const ip = parseIp(text) ?? parseLooseIpv4(text);
  if (!ip) return false;
  const inner = embeddedIpv4(ip);
  return ADDRESSES.has(formatIp(ip)) || (inner !== undefined && ADDRESSES.has(formatIp(inner)));
}

/** True for a name that cloud platforms resolve to their metadata service; `name` lower-case, without trailing dot. */
export function isMetadataName(name: string): boolean {
  return NAMES.has(name);
}

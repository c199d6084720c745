/** Test support: a name server's reply as hex, written by hand so that no code under test makes it. */

export interface Reply {
  readonly name: string;
  readonly type?: 1 | 28;
  readonly rcode?: number;
  readonly truncated?: boolean;
  readonly records?: readonly (readonly [owner: string, ttl: number, value: string])[];
}

/** A value is an IPv4 address, an IPv6 address as 32 hex digits, or the target of a CNAME. */
export function dnsPacket({ name, type = 1, rcode = 0, truncated = false, records = [] }: Reply): string {
  const flags = 0x8180 | rcode | (truncated ? 0x0200 : 0);
  const head = [0x4b38, flags, 1, records.length, 0, 0].map(u16).join('');
  const body = records.map(([owner, ttl, value]) => {
    const [kind, data] = valueOf(value);
    return nameHex(owner) + u16(kind) + u16(1) + ttl.toString(16).padStart(8, '0') + u16(data.length / 2) + data;
  });
  return head + nameHex(name) + u16(type) + u16(1) + body.join('');
}

function valueOf(value: string): readonly [type: number, hex: string] {
  if (/^[0-9a-f]{32}$/.test(value)) return [28, value];
  if (/^[\d.]+$/.test(value)) return [1, Buffer.from(value.split('.').map(Number)).toString('hex')];
  return [5, nameHex(value)];
}

const u16 = (value: number): string => value.toString(16).padStart(4, '0');

const nameHex = (name: string): string =>
  `${name
    .split('.')
    .map((label) => label.length.toString(16).padStart(2, '0') + Buffer.from(label).toString('hex'))
    .join('')}00`;

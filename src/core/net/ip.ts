/** IPv4 and IPv6 addresses as values; under `cidr.ts`, `host.ts` and every peer comparison in `core/policy`. */

export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** Strict dotted-quad IPv4 (no leading zeros: they are octal to some programs) or RFC 4291 IPv6, without zone. */
export function parseIp(text: string): IpAddress | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): IpAddress | undefined {
  const number = ipv4Number(text);
  return number === undefined ? undefined : { family: 4, value: BigInt(number) };
}

const DOT = 46;

/** Character by character: policies of a cluster hold tens of thousands of addresses. */
function ipv4Number(text: string): number | undefined {
  let value = 0;
  let parts = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at += 1) {
    if (at < text.length && text.charCodeAt(at) !== DOT) continue;
    const byte = byteOf(text, start, at);
    if (byte === undefined) return undefined;
    value = value * 256 + byte;
    parts += 1;
    start = at + 1;
  }
  return parts === 4 ? value : undefined;
}

function byteOf(text: string, from: number, to: number): number | undefined {
  if (to === from || to - from > 3) return undefined;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  const leadingZero = to - from > 1 && text.charCodeAt(from) === 48;
  return leadingZero || value > 255 ? undefined : value;
}

function parseIpv6(text: string): IpAddress | undefined {
  if (text.length > 45 || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  return { family: 6, value: groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n) };
}

/** 16-bit groups of one side of `::`; `last` allows the dotted IPv4 tail. */
function groupsOf(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = last && index === parts.length - 1 ? parseIpv4(part) : undefined;
      if (!v4) return undefined;
      groups.push(Number(v4.value >> 16n), Number(v4.value & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** The four-decimal or the compressed hexadecimal form (RFC 5952: longest run of zeros, lower case). */
export function formatIp(ip: IpAddress): string {
  if (ip.family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((ip.value >> shift) & 0xffn)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => Number((ip.value >> BigInt(112 - 16 * index)) & 0xffffn));
  const run = longestZeroRun(groups);
  const hex = (list: readonly number[]) => list.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let current = { start: 0, length: 0 };
  for (const [index, group] of groups.entries()) {
    current =
      group === 0
        ? { start: current.length ? current.start : index, length: current.length + 1 }
        : { start: 0, length: 0 };
    if (current.length > best.length) best = current;
  }
  return best;
}

/** The IPv4 address inside an IPv4-mapped, IPv4-compatible or NAT64 (64:ff9b::/96) IPv6 address. */
export function embeddedIpv4(ip: IpAddress): IpAddress | undefined {
  if (ip.family === 4) return undefined;
  const prefix = ip.value >> 32n;
  const known = prefix === 0xffffn || prefix === 0n || prefix === 0x64ff9bn << 64n;
  return known && ip.value > 1n ? { family: 4, value: ip.value & 0xffffffffn } : undefined;
}

/**
 * What C's `inet_aton` reads as IPv4: one to four parts, decimal, 0x hexadecimal or 0 octal. Used only to recognise disguised
 * spellings of addresses that must be refused; never to accept one.
 */
export function parseLooseIpv4(text: string): IpAddress | undefined {
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  const numbers = parts.map(loosePart);
  const last = numbers.pop();
  if (last === undefined || numbers.some((number) => number === undefined || number > 255n)) return undefined;
  const room = 8n * BigInt(4 - numbers.length);
  if (last >= 1n << room) return undefined;
  return {
    family: 4,
    value: (numbers.reduce<bigint>((sum, number) => (sum << 8n) | (number ?? 0n), 0n) << room) | last,
  };
}

function loosePart(text: string): bigint | undefined {
  if (/^0[xX][0-9a-fA-F]{1,16}$/.test(text)) return BigInt(text);
  if (/^0[0-7]{0,24}$/.test(text)) return BigInt(`0o${text}`);
  return /^[1-9]\d{0,20}$/.test(text) ? BigInt(text) : undefined;
}

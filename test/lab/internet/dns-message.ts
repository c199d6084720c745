// The few parts of a DNS message (RFC 1035 §4) that the lab's name server needs: one question in, records out.

export const recordTypes = { A: 1, CNAME: 5, AAAA: 28 } as const;
export const responseCodes = { noerror: 0, servfail: 2, nxdomain: 3, refused: 5 } as const;
export type ResponseCode = keyof typeof responseCodes;

export interface Question {
  readonly name: string;
  readonly type: number;
  /** Header and question as they came, for the reply. */
  readonly bytes: Buffer;
}

export interface DnsRecord {
  readonly name: string;
  readonly type: number;
  readonly data: Buffer;
}

export interface Reply {
  readonly code: ResponseCode;
  readonly records?: readonly DnsRecord[];
  readonly truncated?: boolean;
}

const headerLength = 12;
const secondsToLive = 60;

/** Undefined for what is not one whole question. */
export function readQuestion(message: Buffer): Question | undefined {
  const labels: string[] = [];
  let at = headerLength;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63 || at + length + 5 > message.length) return undefined;
    if (length === 0) break;
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1), bytes: message.subarray(0, end) };
}

export function writeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

export function writeAddress(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0');
  const all = [...groups(head), ...zeros, ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function writeRecord({ name, type, data }: DnsRecord): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(secondsToLive, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([writeName(name), fixed, data]);
}

export function writeReply({ bytes }: Question, { code, records = [], truncated = false }: Reply): Buffer {
  const head = Buffer.from(bytes);
  const recursionDesired = head.readUInt16BE(2) & 0x0100;
  // A reply, by the zone's own server, which would also ask others.
  head.writeUInt16BE(0x8480 | recursionDesired | (truncated ? 0x0200 : 0) | responseCodes[code], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...records.map(writeRecord)]);
}

/** Test support: a name server on the loopback, scripted by name; it answers over UDP, and over TCP what it truncates. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

export interface Answer {
  readonly rcode?: number;
  readonly cname?: string;
  readonly a?: readonly string[];
  /** 32 hex digits each. */
  readonly aaaa?: readonly string[];
  readonly silent?: boolean;
  /** Silent over UDP alone. */
  readonly tcpOnly?: boolean;
  /** Silent to the AAAA question alone. */
  readonly silentAaaa?: boolean;
  /** Over UDP: only the first record, and the TC flag. */
  readonly truncate?: boolean;
  /** In seconds; 60 unless told. */
  readonly ttl?: number;
}

export interface DnsServer {
  readonly address: string;
  /** Names asked, lower case, in order. */
  readonly asked: string[];
  close(): void;
}

export async function dnsServer(address: string, zone: Readonly<Record<string, Answer>>): Promise<DnsServer> {
  const asked: string[] = [];
  const udp = createSocket('udp4');
  udp.on('message', (query, from) => {
    const reply = replyTo(query, zone, asked, true);
    if (reply !== undefined) udp.send(reply, from.port, from.address);
  });
  const tcp = createServer((socket) => {
    socket.on('error', () => undefined);
    let pending = Buffer.alloc(0);
    socket.on('data', (data) => {
      pending = Buffer.concat([pending, data]);
      while (pending.length > 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0);
        const reply = replyTo(pending.subarray(2, end), zone, asked, false);
        if (reply !== undefined) socket.write(Buffer.concat([u16(reply.length), reply]));
        pending = Buffer.from(pending.subarray(end));
      }
    });
  });
  await Promise.all([
    new Promise<void>((resolve, reject) => udp.once('error', reject).bind(53, address, resolve)),
    new Promise<void>((resolve, reject) => tcp.once('error', reject).listen(53, address, resolve)),
  ]);
  return {
    address,
    asked,
    close: () => {
      udp.close();
      tcp.close();
    },
  };
}

function replyTo(
  query: Buffer,
  zone: Readonly<Record<string, Answer>>,
  asked: string[],
  udp: boolean,
): Buffer | undefined {
  const { name, type, end } = question(query);
  asked.push(name);
  const answer = zone[name] ?? { rcode: 3 };
  if (isSilent(answer, type, udp)) return undefined;
  const truncate = udp && answer.truncate === true;
  const all = recordsOf(name, type, zone);
  const records = truncate ? all.slice(0, 1) : all;
  const flags = 0x8180 | (answer.rcode ?? 0) | (truncate ? 0x0200 : 0);
  return Buffer.concat([
    query.subarray(0, 2),
    u16(flags),
    u16(1),
    u16(records.length),
    u16(0),
    u16(0),
    query.subarray(12, end),
    ...records,
  ]);
}

const isSilent = (answer: Answer, type: number, udp: boolean): boolean =>
  answer.silent === true || (answer.tcpOnly === true && udp) || (answer.silentAaaa === true && type === 28);

function recordsOf(name: string, type: number, zone: Readonly<Record<string, Answer>>): Buffer[] {
  const answer = zone[name] ?? {};
  const own = (type: number, data: Buffer): Buffer => record(name, type, answer.ttl ?? 60, data);
  if (answer.cname !== undefined) return [own(5, encode(answer.cname)), ...recordsOf(answer.cname, type, zone)];
  if (type === 1) return (answer.a ?? []).map((ip) => own(1, Buffer.from(ip.split('.').map(Number))));
  if (type === 28) return (answer.aaaa ?? []).map((hex) => own(28, Buffer.from(hex, 'hex')));
  return [];
}

function record(owner: string, type: number, ttl: number, data: Buffer): Buffer {
  return Buffer.concat([encode(owner), u16(type), u16(1), u16(0), u16(ttl), u16(data.length), data]);
}

function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + size));
    at += size + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function encode(name: string): Buffer {
  return Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

// The lab's public name server, over UDP and TCP. Run inside the internet's network namespace; it prints every question.
import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { plan } from '../plan.ts';
import {
  type DnsRecord,
  type Question,
  type Reply,
  readQuestion,
  recordTypes,
  writeAddress,
  writeName,
  writeReply,
} from './dns-message.ts';
import { entryOf, follow } from './records.ts';
import type { OddName } from './zone.ts';

type Transport = 'udp' | 'tcp';

function typeName(type: number): 'A' | 'AAAA' | undefined {
  if (type === recordTypes.A) return 'A';
  return type === recordTypes.AAAA ? 'AAAA' : undefined;
}

function addressRecord(name: string, type: number, entry: OddName | undefined): readonly DnsRecord[] {
  const address = { A: entry?.address, AAAA: entry?.ipv6 }[typeName(type) ?? 'A'];
  if (typeName(type) === undefined || address === undefined) return [];
  return [{ name, type, data: writeAddress(address) }];
}

/** Undefined is silence. */
function replyTo({ name, type }: Question, transport: Transport): Reply | undefined {
  const asked = entryOf(name);
  if (asked === undefined) return { code: 'nxdomain' };
  const trouble = asked.trouble?.[typeName(type) ?? 'A'];
  if (trouble === 'silence') return undefined;
  if (trouble !== undefined) return { code: trouble };
  if (asked.truncated === true && transport === 'udp') return { code: 'noerror', truncated: true };
  const { links, end, entry } = follow(name);
  const aliases = links.map(({ from, to }) => ({ name: from, type: recordTypes.CNAME, data: writeName(to) }));
  return { code: 'noerror', records: [...aliases, ...addressRecord(end, type, entry)] };
}

function answer(message: Buffer, transport: Transport, send: (reply: Buffer) => void): void {
  const question = readQuestion(message);
  if (question === undefined) return;
  const reply = replyTo(question, transport);
  process.stdout.write(`${transport} ${question.name} ${question.type} ${reply?.code ?? 'silence'}\n`);
  if (reply === undefined) return;
  const delay = (entryOf(question.name)?.delaySeconds ?? 0) * 1000;
  if (delay === 0) return send(writeReply(question, reply));
  setTimeout(() => send(writeReply(question, reply)), delay);
}

function framed(reply: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(reply.length);
  return Buffer.concat([length, reply]);
}

function serveConnection(socket: Socket): void {
  let received: Buffer = Buffer.alloc(0);
  // Who asks may go away at any time.
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE()) {
      const end = 2 + received.readUInt16BE();
      answer(received.subarray(2, end), 'tcp', (reply) => socket.write(framed(reply)));
      received = received.subarray(end);
    }
  });
}

const udp = createSocket('udp4');
udp.on('message', (message, from) => answer(message, 'udp', (reply) => udp.send(reply, from.port, from.address)));
udp.bind(53, plan.publicDns);
createServer(serveConnection).listen(53, plan.publicDns);

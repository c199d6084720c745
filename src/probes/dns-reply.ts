/** Reads one DNS reply from the pod's name server (RFC 1035 §4), strictly and bounded; used by `collector.ts`. */
import { formatIp } from '../core/net/ip.ts';

export interface DnsReply {
  readonly rcode: number;
  readonly truncated: boolean;
  /** CNAME targets in order, from the name asked for. */
  readonly cnames: readonly string[];
  /** Addresses at the end of the chain. */
  readonly addresses: readonly string[];
  /** The smallest along the chain and of the addresses; absent without a record. */
  readonly ttlSeconds?: number;
}

const MOST_RECORDS = 64;
const MOST_JUMPS = 20;
const LONGEST_NAME = 255;
const A = 1;
const CNAME = 5;
const AAAA = 28;

interface Answer {
  readonly owner: string;
  readonly type: number;
  readonly ttl: number;
  readonly target?: string;
  readonly address?: string;
}

/** Nothing when it is not a well-formed reply to a question about `host`. */
export function parseDnsReply(hex: string, host: string): DnsReply | undefined {
  if (!/^(?:[0-9a-f]{2}){12,4096}$/.test(hex)) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  const flags = bytes.readUInt16BE(2);
  if ((flags & 0x8000) === 0) return undefined;
  const question = readName(bytes, 12);
  if (question === undefined || question.name !== host.toLowerCase()) return undefined;
  const answers = readAnswers(bytes, question.next + 4, Math.min(bytes.readUInt16BE(6), MOST_RECORDS));
  const { chain, cnames, end } = follow(answers, question.name);
  const last = answers.filter((answer) => answer.owner === end && answer.address !== undefined);
  const ttls = [...chain, ...last].map(({ ttl }) => ttl);
  return {
    rcode: flags & 15,
    truncated: (flags & 0x0200) !== 0,
    cnames,
    addresses: last.flatMap(({ address }) => address ?? []),
    ...(ttls.length === 0 ? {} : { ttlSeconds: Math.min(...ttls) }),
  };
}

/** The records that can be read; a cut or broken rest is left out. */
function readAnswers(bytes: Buffer, start: number, count: number): readonly Answer[] {
  const answers: Answer[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const owner = readName(bytes, at);
    if (owner === undefined || owner.next + 10 > bytes.length) break;
    const type = bytes.readUInt16BE(owner.next);
    const data = owner.next + 10;
    const end = data + bytes.readUInt16BE(owner.next + 8);
    if (end > bytes.length) break;
    const ttl = timeToLive(bytes.readUInt32BE(owner.next + 4));
    answers.push({ owner: owner.name, type, ttl, ...content(bytes, type, data, end) });
    at = end;
  }
  return answers;
}

/** RFC 2181 §8: with the top bit set it counts as zero. */
const timeToLive = (raw: number): number => (raw > 0x7fffffff ? 0 : raw);

function content(bytes: Buffer, type: number, start: number, end: number): Pick<Answer, 'target' | 'address'> {
  if (type === CNAME) {
    const target = readName(bytes, start)?.name;
    return target === undefined || target === '' ? {} : { target };
  }
  if (type === A && end - start === 4) return { address: [...bytes.subarray(start, end)].join('.') };
  if (type !== AAAA || end - start !== 16) return {};
  return { address: formatIp({ family: 6, value: BigInt(`0x${bytes.toString('hex', start, end)}`) }) };
}

interface Chain {
  /** The CNAME records passed, from the question on. */
  readonly chain: readonly Answer[];
  readonly cnames: readonly string[];
  /** The name that owns the addresses. */
  readonly end: string;
}

function follow(answers: readonly Answer[], question: string): Chain {
  const chain: Answer[] = [];
  const cnames: string[] = [];
  let end = question;
  while (cnames.length < MOST_JUMPS) {
    const next = answers.find((answer) => answer.type === CNAME && answer.owner === end);
    if (next?.target === undefined || cnames.includes(next.target)) break;
    chain.push(next);
    cnames.push(next.target);
    end = next.target;
  }
  return { chain, cnames, end };
}

/** A name with compression (RFC 1035 §4.1.4): pointers go backwards only, so that a loop cannot happen. */
function readName(bytes: Buffer, start: number): { readonly name: string; readonly next: number } | undefined {
  const labels: string[] = [];
  let at = start;
  let next: number | undefined;
  for (let length = 0; length <= LONGEST_NAME; ) {
    const part = readPart(bytes, at);
    if (part === undefined) return undefined;
    if (part.kind === 'end') return { name: labels.join('.'), next: next ?? at + 1 };
    if (part.kind === 'label') {
      labels.push(part.text);
      length += part.to - at;
    } else {
      next ??= at + 2;
    }
    at = part.to;
  }
  return undefined;
}

type Part =
  | { readonly kind: 'end' }
  | { readonly kind: 'label'; readonly text: string; readonly to: number }
  | { readonly kind: 'pointer'; readonly to: number };

function readPart(bytes: Buffer, at: number): Part | undefined {
  const size = bytes[at];
  if (size === undefined) return undefined;
  if (size === 0) return { kind: 'end' };
  const to = at + 1 + size;
  if (size <= 63)
    return to > bytes.length ? undefined : { kind: 'label', text: labelText(bytes.subarray(at + 1, to)), to };
  const low = bytes[at + 1];
  if (size < 0xc0 || low === undefined) return undefined;
  const target = ((size & 0x3f) << 8) | low;
  return target < at ? { kind: 'pointer', to: target } : undefined;
}

/** Unusual bytes are shown as `?`: names of an answer are text of others. */
function labelText(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '?');
}

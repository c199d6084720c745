/** The part of Git's smart HTTP that reading takes (gitprotocol-http, gitprotocol-v2, gitprotocol-pack): refs and packs. Used by `remote-repository.ts`. */
import { GitProblem } from '../git-problem.ts';
import { createGrowing, type Growing } from './growing.ts';
import type { HttpAnswer, HttpClient } from './http-client.ts';
import { DELIMITER, FLUSH, line, notGit, packets, ServerError, textOf } from './pkt-line.ts';

export interface Ref {
  readonly name: string;
  readonly oid: string;
  /** Of a tag: the commit behind it. */
  readonly peeled?: string;
  /** Of HEAD: the branch it stands for. */
  readonly target?: string;
}

export interface Server {
  /** Those under the prefixes, or all that the server lists in its greeting. */
  refs(prefixes: readonly string[], signal: AbortSignal): Promise<readonly Ref[]>;
  /** The commits with their trees and no history; files as well where `withFiles` or the server cannot leave them out. */
  fetchCommit(oid: string, withFiles: boolean, signal: AbortSignal): Promise<Buffer>;
  /** This many generations of commits, and nothing that they name where the server can leave it out; undefined over protocol 0. */
  readonly fetchHistory: ((oid: string, generations: number, signal: AbortSignal) => Promise<Buffer>) | undefined;
  /** Single trees without what they name; undefined where the server cannot leave it out: then trees come with their commits. */
  readonly fetchTrees: ((oids: readonly string[], signal: AbortSignal) => Promise<Buffer>) | undefined;
  /** Single objects by id; undefined where the server hands out only what refs point to. */
  readonly fetchObjects: ((oids: readonly string[], signal: AbortSignal) => Promise<Buffer>) | undefined;
}

/** Ours; servers count clients by it. */
const AGENT = 'agent=k8s-egress-diagnose';
const MAX_REFS = 100_000;

/** @throws GitProblem, HttpFailure, ServerError and what the network throws. */
export async function greet(http: HttpClient, url: string, signal: AbortSignal): Promise<Server> {
  const answer = await http.request({
    url: `${url}/info/refs?service=git-upload-pack`,
    method: 'GET',
    headers: { accept: '*/*', 'git-protocol': 'version=2' },
    signal,
  });
  checkAnswer(answer, 'advertisement');
  const lines = await greeting(answer);
  return lines[0] === 'version 2' ? speakV2(http, url, lines.slice(1)) : speakV0(http, url, lines);
}

/** An answer with another status than 200; `git-problem.ts` says what it means. */
export class HttpFailure extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.name = 'HttpFailure';
    this.status = status;
  }
}

function checkAnswer(answer: HttpAnswer, what: 'advertisement' | 'result'): void {
  const { status, contentType } = answer;
  const right = contentType.startsWith(`application/x-git-upload-pack-${what}`);
  if (status === 200 && right) return;
  answer.discard();
  if (status !== 200) throw new HttpFailure(status);
  throw notGit();
}

/** Over HTTP/1 a line that names the service, and a flush, may come first. */
async function greeting(answer: HttpAnswer): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const packet of packets(answer.body)) {
    if (packet.type !== 'data') continue;
    const text = textOf(packet.data);
    if (lines.length === 0 && text.startsWith('# service=')) continue;
    lines.push(text);
    if (lines.length > MAX_REFS) throw tooManyRefs();
  }
  return lines;
}

function tooManyRefs(): GitProblem {
  return new GitProblem('refused', `the repository has more than ${MAX_REFS} refs`, 'Give a local clone.');
}

interface Asked {
  readonly body: string;
  readonly version: 0 | 2;
  readonly beside?: boolean;
  readonly signal: AbortSignal;
}

async function post(http: HttpClient, url: string, { body, version, ...rest }: Asked): Promise<HttpAnswer> {
  const headers = {
    'content-type': 'application/x-git-upload-pack-request',
    accept: 'application/x-git-upload-pack-result',
    ...(version === 2 ? { 'git-protocol': 'version=2' } : {}),
  };
  const asked = { url: `${url}/git-upload-pack`, method: 'POST', headers, body: Buffer.from(body), ...rest } as const;
  const answer = await http.request(asked);
  checkAnswer(answer, 'result');
  return answer;
}

function refuseFormat(format: string | undefined): void {
  if (format === undefined || format === 'sha1') return;
  throw new GitProblem('unsupported', `the repository uses objectformat ${format}, which is not read`, 'Give another.');
}

function speakV2(http: HttpClient, url: string, lines: readonly string[]): Server {
  const capabilities = new Map(lines.map((text) => splitOnce(text, '=')));
  refuseFormat(capabilities.get('object-format'));
  const features = capabilities.get('fetch')?.split(' ') ?? [];
  if (!features.includes('shallow')) throw noShallow();
  const canFilter = features.includes('filter');
  const command = (
    name: string,
    args: readonly string[],
    bounds: Pick<Asked, 'signal' | 'beside'>,
  ): Promise<HttpAnswer> => {
    const body = line(`command=${name}`) + line(AGENT) + DELIMITER + args.map(line).join('') + FLUSH;
    return post(http, url, { body, version: 2, ...bounds });
  };
  const ALONE = canFilter ? ['filter tree:0'] : [];
  const wants = (oids: readonly string[]): string[] => [...oids.map((oid) => `want ${oid}`), 'done'];
  return {
    refs: async (prefixes, signal) => {
      const args = ['peel', 'symrefs', ...prefixes.map((prefix) => `ref-prefix ${prefix}`)];
      return readRefs(await command('ls-refs', args, { signal }));
    },
    fetchCommit: async (oid, withFiles, signal) => {
      const filter = canFilter && !withFiles ? ['filter blob:none'] : [];
      const args = ['no-progress', 'ofs-delta', 'deepen 1', ...filter, ...wants([oid])];
      return readPack(await command('fetch', args, { signal }));
    },
    fetchHistory: async (oid, generations, signal) => {
      const args = ['no-progress', 'ofs-delta', `deepen ${generations}`, ...ALONE, ...wants([oid])];
      return readPack(await command('fetch', args, { signal, beside: true }));
    },
    // What is asked for by its id is sent in spite of the filter (git-rev-list, --filter-provided-objects).
    fetchTrees: canFilter
      ? async (oids, signal) => {
          const args = ['no-progress', 'ofs-delta', ...ALONE, ...wants(oids)];
          return readPack(await command('fetch', args, { signal, beside: true }));
        }
      : undefined,
    // Version 2 hands out any object by its id (git's upload-pack; GitHub and GitLab, too).
    fetchObjects: async (oids, signal) =>
      readPack(await command('fetch', ['no-progress', 'ofs-delta', ...wants(oids)], { signal })),
  };
}

function noShallow(): GitProblem {
  const next = 'Clone it with git and give the absolute path of the clone.';
  return new GitProblem('unsupported', 'the server hands out whole histories only (no shallow fetch)', next);
}

async function readRefs(answer: HttpAnswer): Promise<readonly Ref[]> {
  const refs: Ref[] = [];
  for await (const packet of packets(answer.body)) {
    if (packet.type !== 'data') break;
    const [oid = '', name = '', ...attributes] = textOf(packet.data).split(' ');
    if (!/^[0-9a-f]{40}$/.test(oid)) continue;
    const valueOf = (key: string): string | undefined =>
      attributes.find((attribute) => attribute.startsWith(`${key}:`))?.slice(key.length + 1);
    refs.push(refOf(name, oid, valueOf('peeled'), valueOf('symref-target')));
    if (refs.length > MAX_REFS) throw tooManyRefs();
  }
  return refs;
}

function refOf(name: string, oid: string, peeled: string | undefined, target: string | undefined): Ref {
  return { name, oid, ...(peeled === undefined ? {} : { peeled }), ...(target === undefined ? {} : { target }) };
}

/** Sections before the packfile are passed over; of its bands, 1 is the pack, 2 words on progress, 3 an error. */
async function readPack(answer: HttpAnswer): Promise<Buffer> {
  const pack = createGrowing(answer.atMost);
  let begun = false;
  for await (const packet of packets(answer.body)) {
    if (packet.type !== 'data') continue;
    if (begun) takeBand(packet.data, pack);
    else begun = textOf(packet.data) === 'packfile';
  }
  if (!begun) throw notGit();
  return pack.whole();
}

function takeBand(data: Buffer, pack: Growing): void {
  const band = data[0];
  if (band === 3) throw new ServerError(data.toString('utf8', 1));
  if (band === 1) pack.add(data.subarray(1));
}

/** Servers without version 2: all refs come with the greeting, and only what they point to is handed out. */
function speakV0(http: HttpClient, url: string, lines: readonly string[]): Server {
  const [first = '', ...others] = lines.filter((text) => text !== 'version 1');
  const [head, list] = splitOnce(first, '\0');
  const capabilities = list.split(' ');
  const valueOf = (key: string): string | undefined =>
    capabilities.find((capability) => capability.startsWith(`${key}=`))?.slice(key.length + 1);
  refuseFormat(valueOf('object-format'));
  const target = capabilities.find((capability) => capability.startsWith('symref=HEAD:'))?.slice('symref=HEAD:'.length);
  const refs = refsOfGreeting([head, ...others], target);
  return {
    refs: async () => refs,
    fetchCommit: async (oid, _withFiles, signal) => {
      if (!capabilities.includes('shallow') || !capabilities.includes('side-band-64k')) throw noShallow();
      const wanted = `want ${oid} side-band-64k ofs-delta no-progress shallow ${AGENT}`;
      const body = line(wanted) + line('deepen 1') + FLUSH + line('done');
      return readBandedPack(await post(http, url, { body, version: 0, signal }));
    },
    fetchHistory: undefined,
    fetchTrees: undefined,
    fetchObjects: undefined,
  };
}

function refsOfGreeting(lines: readonly string[], target: string | undefined): readonly Ref[] {
  const found = lines
    .map((text) => /^([0-9a-f]{40}) (\S+)$/.exec(text))
    .flatMap((match) => (match === null ? [] : [{ oid: match[1] ?? '', name: match[2] ?? '' }]))
    .filter(({ name }) => name !== 'capabilities^{}');
  const peeled = new Map(found.filter(({ name }) => name.endsWith('^{}')).map(({ name, oid }) => [name, oid]));
  return found
    .filter(({ name }) => !name.endsWith('^{}'))
    .map(({ name, oid }) => refOf(name, oid, peeled.get(`${name}^{}`), name === 'HEAD' ? target : undefined));
}

async function readBandedPack(answer: HttpAnswer): Promise<Buffer> {
  const pack = createGrowing(answer.atMost);
  for await (const packet of packets(answer.body)) {
    if (packet.type !== 'data' || isPreamble(packet.data)) continue;
    takeBand(packet.data, pack);
  }
  const whole = pack.whole();
  if (whole.length === 0) throw notGit();
  return whole;
}

/** Lines before the bands begin: shallow commits, then that nothing is in common. */
function isPreamble(data: Buffer): boolean {
  return (data[0] ?? 0) > 3 && /^(shallow |unshallow |NAK|ACK )/.test(textOf(data));
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

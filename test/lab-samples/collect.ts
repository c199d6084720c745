/**
 * Renews `test/fixtures/logs`: real clients run into the failures of the lab's internet, and what they print is kept.
 * `node test/lab-samples/collect.ts FOLDER [PATTERN …]`, with the lab up; FOLDER is filled by `install.sh`, and a pattern is an
 * expression over `CLIENT/CASE`. See README.md.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FailureClass } from '../../src/core/model/logs.ts';
import type { Case, Truth } from './cases.ts';
import { type Client, clients } from './clients.ts';
import { prepare, runInside } from './inside.ts';

type Place = Partial<Pick<Truth, 'host' | 'port' | 'address'>>;

interface Expectation extends Place {
  readonly class: FailureClass;
  readonly library?: string;
  /** Of further failures that the text tells. */
  readonly also?: FailureClass;
  /** Told by a failure of its own. */
  readonly apart?: Place;
}

interface Sample {
  readonly file: string;
  readonly client: string;
  readonly version: string;
  readonly case: string;
  readonly command: string;
  readonly expect: Expectation;
}

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'logs');
const manifestFile = join(fixtures, 'manifest.json');
/** Clients wait far more than they compute. */
const atOnce = Number(process.env['SAMPLES_AT_ONCE'] ?? 8);
/** Of a program that repeats itself, the first part. */
const maxChars = 12_000;

const [folder = '', ...patterns] = process.argv.slice(2);
const wanted = patterns.map((pattern) => new RegExp(pattern));
const versions = new Map<string, string>();

/** What the words can tell at best: the class unless the client is known to hide it, and the parts of the place that stand there. */
function expectation(client: Client, one: Case, text: string): Expectation {
  const { tells, unless, placeApart } = client;
  const { address, ...name } = placeTold(one, text);
  const isApart = placeApart?.test(one.name) === true;
  const library = unless?.shows.test(text) === false ? unless.library : client.library;
  const also = client.also?.[one.name];
  const told = tells?.[one.name] ?? one.truth.class;
  return {
    class: typeof told === 'function' ? told(text) : told,
    ...(isApart ? { apart: name } : { ...name, ...(address !== undefined && { address }) }),
    ...(library !== undefined && { library }),
    ...(also !== undefined && { also }),
  };
}

function placeTold(one: Case, text: string): Place {
  const { host, port, address } = placeIn(one.truth, text);
  const named = mentions(text, host);
  const numbered = address !== undefined && mentions(text, address);
  const withPort = [host, address].some((place) => place !== undefined && mentionsWithPort(text, place, port));
  return { ...(named && { host }), ...(withPort && { port }), ...(numbered && { address }) };
}

/** Of the proxy, where the words name nothing behind it. */
function placeIn({ host, port, address, via }: Truth, text: string): Pick<Truth, 'host' | 'port' | 'address'> {
  const proxied = via !== undefined && !mentions(text, host);
  return proxied ? via : { host, port, ...(address !== undefined && { address }) };
}

const escaped = (text: string): string => text.replaceAll('.', '\\.');

function mentions(text: string, place: string): boolean {
  return new RegExp(`(?<![\\w.-])${escaped(place)}(?![\\w-]|\\.\\w)`).test(text);
}

/** `place:port`, `place', port=443`, `place', port: 443`, `place port 443`, `"place" (address), port 5432`, or a URL whose scheme means the port. */
function mentionsWithPort(text: string, place: string, port: number): boolean {
  const beside = new RegExp(
    `${escaped(place)}(?:/<unresolved>)?(?:[\\]'"]?(?: \\([^)\\n]*\\))?(?:, port=|, port | port |,\\s+port: |, |:)| \\(port )${port}\\b`,
  );
  const usual: Readonly<Record<number, string>> = { 443: 'https', 80: 'http' };
  const scheme = usual[port];
  return (
    beside.test(text) ||
    (scheme !== undefined && new RegExp(`\\b${scheme}://${escaped(place)}(?:[/"'\\s?]|$)`).test(text))
  );
}

async function versionOf(client: Client): Promise<string> {
  const known = versions.get(client.name) ?? (await runInside(folder, client.version)).trim().replaceAll(/\s+/g, ' ');
  versions.set(client.name, known);
  return known;
}

async function collect(job: Job): Promise<Sample> {
  const { client, one } = job;
  const argv = client.argv(one);
  const printed = await runInside(folder, argv, one);
  const text = printed.length > maxChars ? `${printed.slice(0, printed.lastIndexOf('\n', maxChars))}\n` : printed;
  const file = fileOf(job);
  await mkdir(join(fixtures, client.name), { recursive: true });
  await writeFile(join(fixtures, file), text);
  const failed = text !== '' && !/^export fetched/m.test(text);
  process.stderr.write(failed ? `${file}: ${text.length}\n` : `${file} DID NOT FAIL\n`);
  const proxy = one.proxy === undefined ? '' : `HTTPS_PROXY=${one.proxy} `;
  return {
    file,
    client: client.name,
    version: await versionOf(client),
    case: one.name,
    command: proxy + argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(' '),
    expect: expectation(client, one, text),
  };
}

async function manifest(): Promise<readonly Sample[]> {
  const text = await readFile(manifestFile, 'utf8').catch(() => '[]');
  return JSON.parse(text) as readonly Sample[];
}

interface Job {
  readonly client: Client;
  readonly one: Case;
}

const fileOf = ({ client, one }: Job): string => `${client.name}/${one.name}.txt`;

/** The longest first, so that the others do not wait for them. */
function jobs(): Job[] {
  return clients
    .flatMap((client) => client.cases.map((one) => ({ client, one })))
    .filter((job) => wanted.length === 0 || wanted.some((pattern) => pattern.test(fileOf(job).replace('.txt', ''))))
    .sort((a, b) => Number(b.one.timeout === 'none') - Number(a.one.timeout === 'none'));
}

/** What is expected of a sample that is kept follows the tables as they are now. */
async function expectedAnew(sample: Sample): Promise<Sample> {
  const client = clients.find(({ name }) => name === sample.client);
  const one = client?.cases.find(({ name }) => name === sample.case);
  if (client === undefined || one === undefined) return sample;
  return { ...sample, expect: expectation(client, one, await readFile(join(fixtures, sample.file), 'utf8')) };
}

/** What no client prints any more goes with its case. */
async function main(): Promise<void> {
  await prepare(folder);
  const queue = jobs();
  const anew = new Set(queue.map(fileOf));
  const known = new Set(clients.flatMap((client) => client.cases.map((one) => fileOf({ client, one }))));
  const samples: Sample[] = [];
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) samples.push(await collect(job));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const kept = (await manifest()).filter(({ file }) => known.has(file) && !anew.has(file)).map(expectedAnew);
  const all = [...(await Promise.all(kept)), ...samples].sort((a, b) => (a.file < b.file ? -1 : 1));
  await writeFile(manifestFile, `${JSON.stringify(all, null, 2)}\n`);
}

await main();

/** 100 texts that leak or give orders, from wherever a stranger can write, each through the built server and a real client. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareEnv, connect, ensureBundle, type Session } from '../server/bundle.ts';
import type { FakeApi } from '../support/fake-api-server.ts';
import { CASES, type HostileCase } from './cases.ts';
import { asksFor, nameOf, repositoryFor, startWorld } from './world.ts';

interface Answer {
  readonly text: string;
  readonly structured: Readonly<Record<string, unknown>>;
}

let api: FakeApi;
let session: Session;
const folders: string[] = [];

beforeAll(async () => {
  ensureBundle();
  api = await startWorld(CASES);
  const home = mkdtempSync(join(tmpdir(), 'egress-hostile-home-'));
  folders.push(home);
  session = await connect(['--kubeconfig', api.kubeconfig], bareEnv(home));
}, 90_000);

afterAll(async () => {
  await session?.close();
  await api?.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function repositoryOf(one: HostileCase, index: number): string {
  if (one.channel !== 'git-file' && one.channel !== 'flux-status') return '';
  const dir = repositoryFor(one, nameOf(index));
  folders.push(dir);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args]);
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', one.text.replaceAll('\0', ''));
  return dir;
}

async function answersTo(one: HostileCase, index: number): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const { tool, input } of asksFor(one, index, repositoryOf(one, index))) {
    const result = await session.client.callTool({ name: tool, arguments: input });
    const content = result.content as readonly { readonly text?: string }[];
    answers.push({
      text: content.map(({ text = '' }) => text).join('\n'),
      structured: result.structuredContent as Answer['structured'],
    });
  }
  return answers;
}

/** Every string of a structured answer with its path, list places as `[]`. */
function stringsOf(value: unknown, path = ''): readonly (readonly [path: string, text: string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((item) => stringsOf(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => stringsOf(item, path === '' ? key : `${path}.${key}`));
}

/** C0 but tab and newline, C1, bidi, zero width, tags, lone surrogates. */
const INVISIBLE =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/u;

/** The text without what stands between its own fences. */
function outsideFences(text: string): string {
  const nonce = /<untrusted-([A-Za-z0-9]+)>/.exec(text)?.[1];
  return nonce === undefined
    ? text
    : text.replaceAll(new RegExp(`<untrusted-${nonce}>[\\s\\S]*?</untrusted-${nonce}>`, 'g'), '');
}

const isUntrusted = (path: string, said: unknown): boolean =>
  (said as readonly string[] | undefined)?.some(
    (field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[]`),
  ) === true;

const pieces = (secret: string): readonly string[] =>
  Array.from({ length: Math.max(1, secret.length - 11) }, (_, start) => secret.slice(start, start + 12));

describe('texts of strangers', () => {
  it('are a hundred, each with a name of its own', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(100);
    expect(new Set(CASES.map(({ channel, name }) => `${channel} ${name}`)).size).toBe(CASES.length);
  });

  it.each(CASES.map((one, index) => [one.channel, one.name, index] as const))(
    '%s: %s',
    async (_channel, _name, index) => {
      const one = CASES[index] as HostileCase;
      let met = false;
      for (const { text, structured } of await answersTo(one, index)) {
        const strings = stringsOf(structured);
        const all = [text, ...strings.map(([, string]) => string)].join('\n');
        for (const secret of one.secrets ?? []) for (const piece of pieces(secret)) expect(all).not.toContain(piece);
        expect(all).not.toMatch(INVISIBLE);
        const words = one.words;
        if (words !== undefined) {
          expect(outsideFences(text)).not.toContain(words);
          const trusting = strings.filter(
            ([path, string]) => string.includes(words) && !isUntrusted(path, structured['untrustedFields']),
          );
          expect(trusting.map(([path]) => path)).toEqual([]);
        }
        met ||= /\[redacted\]|more characters/.test(all) || (words !== undefined && all.includes(words.slice(0, 20)));
      }
      // The text went the whole way: an answer that never met it proves nothing.
      expect(met).toBe(one.dropped !== true);
    },
  );
});

// Where debootstrap gets packages from and whose signature it asks for: read from this machine's own apt configuration.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../tools/run.ts';

export interface DebianMirror {
  readonly suite: string;
  readonly uri: string;
  /** Options of debootstrap that say which signature is asked for. */
  readonly signature: readonly string[];
  /** The same for a line of sources.list. */
  readonly aptOptions: string;
}

async function sourceTexts(): Promise<string[]> {
  const parts = '/etc/apt/sources.list.d';
  const names = existsSync(parts) ? (await readdir(parts)).map((name) => join(parts, name)) : [];
  const files = ['/etc/apt/sources.list', ...names].filter((name) => existsSync(name));
  return Promise.all(files.map((name) => readFile(name, 'utf8')));
}

/** The paragraph (deb822) or the line (one-line style) that names the mirror. */
function entryFor(uri: string, texts: readonly string[]): string {
  const bare = uri.replace(/\/$/, '');
  const paragraphs = texts.flatMap((text) => text.split(/\n\s*\n/));
  const paragraph = paragraphs.find((candidate) => candidate.includes(bare)) ?? '';
  return paragraph.split('\n').find((line) => line.startsWith('deb ') && line.includes(bare)) ?? paragraph;
}

function signatureOptions(entry: string): Pick<DebianMirror, 'signature' | 'aptOptions'> {
  if (/\btrusted(?::\s*|=)yes\b/i.test(entry)) return { signature: ['--no-check-gpg'], aptOptions: '[trusted=yes]' };
  const keyring = /\bsigned-by(?::\s*|=)(\/[^\s\],]+)/i.exec(entry)?.[1];
  if (keyring === undefined) return { signature: [], aptOptions: '' };
  return { signature: [`--keyring=${keyring}`], aptOptions: `[signed-by=${keyring}]` };
}

export async function debianMirror(): Promise<DebianMirror> {
  const release = await readFile('/etc/os-release', 'utf8');
  const suite = /^VERSION_CODENAME=(\w+)/m.exec(release)?.[1] ?? 'bookworm';
  const format = '$(REPO_URI) $(CODENAME) $(COMPONENT)';
  const targets = (await run('apt-get', ['indextargets', '--format', format, 'Identifier: Packages'])).split('\n');
  const target = targets
    .map((line) => line.split(' '))
    .find(([, codename, component]) => codename === suite && component === 'main');
  const uri = target?.[0];
  if (uri === undefined) throw new Error(`apt has no source for ${suite} main, which the lab's images are made of`);
  return { suite, uri, ...signatureOptions(entryFor(uri, await sourceTexts())) };
}

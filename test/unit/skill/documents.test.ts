/** README and CONTRIBUTING against the tree: paths, scripts and links they name exist, and the roles grant no more than they say. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { RESOURCES } from '../../../src/cluster/resources.ts';
import { blocks, codeWords, ROOT, readText } from './skill-files.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}
interface ClusterRole {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules: readonly Rule[];
}

const documents = ['README.md', 'CONTRIBUTING.md'].map((name) => ({ name, text: readText(name) }));
const readme = readText('README.md');
const exists = (path: string): boolean => existsSync(join(ROOT, path));

describe.each(documents)('$name', ({ text }) => {
  it('names only paths that exist', () => {
    const paths = codeWords(text, /^(src|test|skills|dist)\/[\w./-]+$/).filter((path) => !path.startsWith('dist/'));
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !exists(path))).toEqual([]);
  });

  it('names only scripts that exist', () => {
    const scripts = [...text.matchAll(/npm run ([a-z][a-z:]*)/g)].map(([, script = '']) => script);
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.filter((script) => !(script in manifest.scripts))).toEqual([]);
  });

  it('links only to files that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !exists(path))).toEqual([]);
  });
});

describe('the README', () => {
  it('opens with its two commands', () => {
    const [first = ''] = blocks(readme, 'sh');
    expect(first).toMatch(/^npm run demo .*\nnpm test .*\n$/);
  });

  it('gives every runtime dependency its reason, and no other', () => {
    const table = readme.split('## Runtime dependencies')[1]?.split('\n## ')[0] ?? '';
    const named = [...table.matchAll(/^\| `([^`]+)` \| \S/gm)].map(([, name = '']) => name);
    expect(named.sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  it('holds JSON that parses', () => {
    const json = blocks(readme, 'json').map((code) => JSON.parse(code) as unknown);
    expect(json.length).toBeGreaterThan(0);
  });

  it('has room for the parts that are filled in from the real thing', () => {
    for (const part of ['demo-output', 'tools']) {
      expect(readme.indexOf(`<!-- ${part}:begin -->`)).toBeGreaterThan(0);
      expect(readme.indexOf(`<!-- ${part}:end -->`)).toBeGreaterThan(readme.indexOf(`<!-- ${part}:begin -->`));
    }
  });
});

describe('the roles in the README', () => {
  const roles = blocks(readme, 'yaml').flatMap((code) => loadAll(code) as ClusterRole[]);
  const verbsOf = (name: string): Set<string> =>
    new Set(roles.find(({ metadata }) => metadata.name === name)?.rules.flatMap(({ verbs }) => verbs));

  it('are one to observe, one to probe, and one apart each for ephemeral containers and for the relay of flows', () => {
    expect(roles.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ClusterRole egress-diagnose-observe',
      'ClusterRole egress-diagnose-probe',
      'ClusterRole egress-diagnose-ephemeral',
      'ClusterRole egress-diagnose-flows',
    ]);
  });

  it('let it read each kind that the code reads', () => {
    const rules = roles.flatMap((role) => role.rules);
    const unreadable = RESOURCES.filter(
      ({ group, name }) => !rules.some((rule) => rule.apiGroups.includes(group) && rule.resources.includes(name)),
    );
    expect(unreadable.map(({ label }) => label)).toEqual([]);
  });

  it('grant no wildcard and no secrets', () => {
    const all = roles.flatMap(({ rules }) => rules.flatMap(({ resources, verbs }) => [...resources, ...verbs]));
    expect(all.filter((word) => word.includes('*') || word === 'secrets')).toEqual([]);
  });

  it('change nothing: reading, and exec and port-forward alone beyond it', () => {
    expect(verbsOf('egress-diagnose-observe')).toEqual(new Set(['get', 'list']));
    const probe = roles.find(({ metadata }) => metadata.name === 'egress-diagnose-probe');
    expect(probe?.rules.flatMap(({ resources }) => resources)).toEqual(['pods/exec']);
    const flows = roles.find(({ metadata }) => metadata.name === 'egress-diagnose-flows');
    expect(flows?.rules).toEqual([{ apiGroups: [''], resources: ['pods/portforward'], verbs: ['create', 'get'] }]);
    const apart = roles.find(({ metadata }) => metadata.name === 'egress-diagnose-ephemeral');
    expect(apart?.rules).toEqual([{ apiGroups: [''], resources: ['pods/ephemeralcontainers'], verbs: ['patch'] }]);
  });
});

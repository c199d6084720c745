import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { DriftReport } from '../../../src/core/model/drift.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import { compileGlob } from '../../../src/gitops/render/glob.ts';
import { substitute } from '../../../src/gitops/render/substitute.ts';
import type { RepositoryReaderOptions } from '../../../src/gitops/repository-reader.ts';
import type { Rendering } from '../../../src/ports/gitops-source.ts';
import { cnp, fqdnRule } from '../drift/policies.ts';
import { helmInputs } from './helm-inputs.ts';
import { type Files, makeRepository, removeTempDirs, tempDir } from './repositories.ts';

afterAll(removeTempDirs);
afterEach(() => vi.unstubAllEnvs());

const never = new AbortController().signal;

function installed(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const KUSTOMIZE = installed('kustomize', 'version') || installed('kubectl', 'kustomize', '--help');
if (!KUSTOMIZE) process.stdout.write('neither kustomize nor kubectl is installed: building is not tested\n');

function policy(name: string, host: string, namespace = ''): string {
  return `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: ${name}
${namespace === '' ? '' : `  namespace: ${namespace}\n`}spec:
  endpointSelector:
    matchLabels: {app: checkout}
  egress:
    - toFQDNs: [{matchName: ${host}}]
      toPorts: [{ports: [{port: "443", protocol: TCP}]}]
`;
}

interface Asked {
  readonly path?: string;
  readonly rendering?: Rendering;
  readonly options?: RepositoryReaderOptions;
}

async function report(files: Files, { path, rendering, options = {} }: Asked = {}): Promise<DriftReport> {
  const repository = makeRepository(files);
  const live = [cnp('p', [fqdnRule(['a.example'])])];
  const repo = {
    repository,
    ...(path === undefined ? {} : { path }),
    ...(rendering === undefined ? {} : { rendering }),
  };
  const read = await createGitopsSource(options).compare(repo, live, 'shop', never);
  if (!read.ok) throw new Error(`${read.notRead.code}: ${read.notRead.reason}`);
  return read.value;
}

function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('k8s-egress-diagnose-'));
}

const COMPONENT = 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n';

/** Sets the host of every policy. */
function component(folder: string, host: string): Files {
  const patch = `- {op: replace, path: /spec/egress/0/toFQDNs/0/matchName, value: ${host}}`;
  const patches = `patches: [{patch: ${JSON.stringify(patch)}, target: {kind: CiliumNetworkPolicy}}]\n`;
  return { [`${folder}/kustomization.yaml`]: `${COMPONENT}${patches}` };
}

const PATCH = '- {op: replace, path: /spec/egress/0/toFQDNs/0/matchName, value: a.example}';

describe.skipIf(!KUSTOMIZE)('a kustomization', () => {
  const OVERLAY: Files = {
    'base/kustomization.yaml': 'resources: [policies.yaml]\n',
    'base/policies.yaml': `${policy('x', 'old.example')}---\n${policy('other', 'a.example')}`,
    'prod/kustomization.yaml': `resources: [../base]
namespace: shop
patches:
  - path: host.yaml
    target: {kind: CiliumNetworkPolicy, name: x}
`,
    'prod/host.yaml': `- {op: replace, path: /metadata/name, value: p}
- {op: replace, path: /spec/egress/0/toFQDNs/0/matchName, value: a.example}
`,
    'broken/other.yaml': 'a: [',
  };

  it('is built from its bases and patches, and nothing is left behind', async () => {
    const before = leftovers();
    const found = await report(OVERLAY, { path: 'prod' });
    expect(found.policies.map(({ policy: { name }, kind }) => [name, kind])).toEqual([
      ['p', 'same'],
      ['other', 'only_git'],
    ]);
    expect(found.policies[1]?.file?.path).toBe('base/policies.yaml');
    expect(found.skipped).toEqual([]);
    expect(leftovers()).toEqual(before);
  });

  it('leaves files out that it does not name, where a controller is known to apply it', async () => {
    const files: Files = {
      'prod/kustomization.yaml': 'resources: [p.yaml]\n',
      'prod/p.yaml': policy('p', 'a.example', 'shop'),
      'prod/stray.yaml': policy('stray', 'a.example', 'shop'),
    };
    const names = async (rendering?: Rendering) =>
      (await report(files, { path: 'prod', ...(rendering === undefined ? {} : { rendering }) })).policies.map(
        (entry) => entry.policy.name,
      );
    expect(await names()).toEqual(['p', 'stray']);
    expect(await names({})).toEqual(['p']);
  });

  it('goes into the target namespace of a Kustomization, whatever its files say', async () => {
    const files: Files = {
      'prod/kustomization.yaml': 'resources: [p.yaml]\nnamespace: other\n',
      'prod/p.yaml': policy('p', 'a.example'),
      'plain/p.yaml': policy('p', 'a.example', 'elsewhere'),
      'plain/q.yaml': policy('q', 'a.example'),
    };
    const rendering = { targetNamespace: 'shop' };
    expect((await report(files, { path: 'prod', rendering })).policies).toMatchObject([{ kind: 'same' }]);
    const { policies, skipped } = await report(files, { path: 'plain', rendering });
    expect(policies).toMatchObject([{ kind: 'same' }, { kind: 'only_git', policy: { namespace: 'shop', name: 'q' } }]);
    expect(skipped).toEqual([]);
  });

  it.each<[string, Files, object, object]>([
    [
      'patches, where there is no kustomization',
      { 'prod/p.yaml': policy('p', 'old.example', 'shop'), 'prod/sub/q.yaml': policy('q', 'old.example', 'shop') },
      { patches: [{ patch: PATCH, target: { kind: 'CiliumNetworkPolicy', name: 'p' } }] },
      {
        policies: [{ policy: { name: 'p' }, kind: 'same', file: { path: 'prod/p.yaml' } }, { policy: { name: 'q' } }],
        skipped: [],
      },
    ],
    [
      'patches, after those of the kustomization',
      {
        'prod/kustomization.yaml': `resources: [p.yaml]\npatches:\n  - {patch: ${JSON.stringify(PATCH.replace('a.example', 'b.example'))}, target: {name: p}}\n`,
        'prod/p.yaml': policy('p', 'old.example', 'shop'),
      },
      { patches: [{ patch: PATCH, target: { name: 'p' } }] },
      { policies: [{ policy: { name: 'p' }, kind: 'same' }], skipped: [] },
    ],
    [
      'a prefix and a suffix',
      { 'prod/x.yaml': policy('x', 'a.example', 'shop') },
      { patches: [], namePrefix: 'a-', nameSuffix: '-z' },
      {
        policies: [
          { policy: { name: 'p' }, kind: 'only_live' },
          { policy: { name: 'a-x-z' }, file: { path: 'prod/x.yaml' } },
        ],
      },
    ],
    [
      'components, after those of the kustomization',
      {
        'prod/kustomization.yaml': 'resources: [p.yaml]\ncomponents: [../one]\n',
        'prod/p.yaml': policy('p', 'old.example', 'shop'),
        ...component('one', 'b.example'),
        ...component('two', 'a.example'),
      },
      { patches: [], components: ['../two'] },
      { policies: [{ policy: { name: 'p' }, kind: 'same', file: { path: 'prod/p.yaml' } }], skipped: [] },
    ],
    [
      'components, where there is no kustomization, and patches after them',
      {
        'prod/p.yaml': policy('p', 'old.example', 'shop'),
        'prod/sub/q.yaml': policy('q', 'old.example', 'shop'),
        ...component('one', 'b.example'),
      },
      { patches: [{ patch: PATCH, target: { name: 'p' } }], components: ['../one'] },
      {
        policies: [
          { policy: { name: 'p' }, kind: 'same', file: { path: 'prod/p.yaml' } },
          { policy: { name: 'q' }, file: { path: 'prod/sub/q.yaml' } },
        ],
        skipped: [],
      },
    ],
    [
      'a component that makes a policy of its own',
      {
        'prod/x.yaml': policy('x', 'a.example', 'shop'),
        'one/kustomization.yaml': `${COMPONENT}resources: [p.yaml]\n`,
        'one/p.yaml': policy('p', 'a.example', 'shop'),
      },
      { patches: [], components: ['../one'] },
      { policies: [{ policy: { name: 'p' }, kind: 'same', file: { path: 'one/p.yaml' } }, { policy: { name: 'x' } }] },
    ],
    [
      'a component that is not there and may be missing',
      { 'prod/p.yaml': policy('p', 'a.example', 'shop') },
      { patches: [], components: ['../none'], ignoreMissingComponents: true },
      { policies: [{ kind: 'same' }], skipped: [] },
    ],
    ...['../none', '../../out', '/etc', 'https://git.example/org/x', 'p.yaml'].map(
      (named): [string, Files, object, object] => [
        `no component ${named}`,
        { 'prod/p.yaml': policy('p', 'a.example', 'shop') },
        { patches: [], components: [named] },
        { skipped: [{ reason: expect.stringMatching(/^not rendered.*spec\.components\) is no folder of this repo/) }] },
      ],
    ),
    [
      'nothing, where a folder below has a kustomization',
      { 'prod/p.yaml': policy('p', 'a.example', 'shop'), 'prod/sub/kustomization.yaml': 'resources: []\n' },
      { patches: [], namePrefix: 'a-' },
      { skipped: [{ reason: expect.stringContaining('prod/sub/kustomization.yaml decides what is applied') }] },
    ],
  ])('a Kustomization of Flux adds %s', async (_name, files, overlay, expected) => {
    const rendering = { overlay } as Rendering;
    expect(await report(files, { path: 'prod', rendering })).toMatchObject(expected);
  });

  it('with variables of Flux is substituted after it was built', async () => {
    const files: Files = {
      'prod/kustomization.yaml': 'resources: [p.yaml]\nnamespace: ${namespace}\n',
      'prod/p.yaml': policy('p', '"${host}"').replace('"443"', '"${port}"'),
    };
    const values = { host: 'a.example', port: '443', namespace: 'shop' };
    const found = await report(files, { path: 'prod', rendering: { substitute: values } });
    expect(found.policies).toMatchObject([{ kind: 'same', policy: { name: 'p' } }]);
    const unknown = await report(files, { path: 'prod', rendering: { substitute: { host: 'a.example' } } });
    expect(unknown.policies).toMatchObject([{ kind: 'only_live' }]);
    expect(unknown.skipped).toMatchObject([{ reason: expect.stringMatching(/value of \$\{\w+\} was not given/) }]);
  });

  it.each<[string, string, RegExp]>([
    ['a remote base', 'resources: [p.yaml, "https://git.example/org/base?ref=v1"]', /names .*nothing is fetched/],
    ['a remote base in short form', 'resources: [p.yaml, github.com/org/base]', /names .*nothing is fetched/],
    ['a remote base over ssh', 'resources: [p.yaml, "git@git.example:org/base"]', /names .*nothing is fetched/],
    ['a remote patch', 'resources: [p.yaml]\npatches: [{path: "https://git.example/x.yaml"}]', /a URL/],
    ['a file out of the repository', 'resources: [p.yaml, ../../etc/passwd]', /nothing is fetched/],
    ['an absolute path', 'resources: [p.yaml, /etc/passwd]', /nothing is fetched/],
    ['a link', 'resources: [p.yaml, link.yaml]', /nothing is fetched/],
    ['a link as a patch', 'resources: [p.yaml]\npatches: [{path: link.yaml}]', /a link/],
    ['a chart', 'resources: [p.yaml]\nhelmCharts: [{name: x, repo: "https://charts.example"}]', /uses helmCharts/],
    ['a generator', 'resources: [p.yaml]\ngenerators: [gen.yaml]', /uses generators/],
    ['a transformer', 'resources: [p.yaml]\ntransformers: [gen.yaml]', /uses transformers/],
    ['a validator', 'resources: [p.yaml]\nvalidators: [gen.yaml]', /uses validators/],
    ['broken YAML', 'resources: [', /not readable/],
    ['itself', 'resources: [p.yaml, ../prod]', /says:/],
    ['a missing patch', 'resources: [p.yaml]\npatches: [{path: none.yaml}]', /says:/],
  ])('with %s is not built, and the files are read as written', async (_what, text, reason) => {
    const files: Files = {
      'prod/kustomization.yaml': `${text}\n`,
      'prod/p.yaml': policy('p', 'a.example', 'shop'),
      'prod/gen.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: g, annotations: {config.kubernetes.io/function: "exec: {path: ./x}"}}\n',
      'prod/link.yaml': { link: '/etc/passwd' },
    };
    const found = await report(files, { path: 'prod' });
    expect(found.policies).toMatchObject([{ kind: 'same', policy: { name: 'p' } }]);
    const notes = found.skipped.filter(({ path }) => path === 'prod/kustomization.yaml').map((entry) => entry.reason);
    expect(notes).toEqual([expect.stringMatching(reason)]);
    expect(notes[0]).toMatch(/^not rendered, read as written: /);
  });
});

describe('a program that renders', () => {
  /** Instead of kustomize, on a PATH of its own. */
  function fake(script: string, name = 'kustomize'): string {
    const bin = tempDir();
    writeFileSync(join(bin, name), `#!/bin/bash\n${script}\n`);
    chmodSync(join(bin, name), 0o700);
    vi.stubEnv('PATH', `${bin}:/usr/bin:/bin`);
    return bin;
  }
  const FILES: Files = {
    'prod/kustomization.yaml': 'resources: [p.yaml]\nnamespace: shop\n',
    'prod/p.yaml': policy('p', 'a.example', 'shop'),
    'prod/secret.txt': 'not named',
  };
  const noteOf = (found: DriftReport): string | undefined =>
    found.skipped.find(({ path }) => /kustomization|Chart/.test(path))?.reason;

  it('sees the files that are needed and nothing of this machine', async () => {
    vi.stubEnv('EGRESS_DIAGNOSE_GIT_TOKEN', 'sup3rsecret');
    const bin = fake(
      '/usr/bin/env > "$0.env"; /usr/bin/find "$2/.." -type f > "$0.files"; while IFS= read -r l; do echo "$l"; done < "$2/p.yaml"',
    );
    expect((await report(FILES, { path: 'prod' })).policies[0]?.kind).toBe('same');
    const env = readFileSync(join(bin, 'kustomize.env'), 'utf8');
    expect(env).not.toContain('sup3rsecret');
    expect(env).toMatch(/^KUBECONFIG=\/dev\/null$/m);
    expect(env).toMatch(/^HTTPS_PROXY=http:\/\/127\.0\.0\.1:9$/m);
    expect(env).not.toMatch(/^HOME=\/(root|home)$/m);
    const files = readFileSync(join(bin, 'kustomize.files'), 'utf8');
    expect(files).toContain('p.yaml');
    expect(files).not.toContain('secret.txt');
  });

  it('that prints without end is stopped', async () => {
    fake(
      'while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done',
    );
    const read = report(FILES, { path: 'prod' });
    await expect(read).rejects.toThrow('printed more than is read');
  });

  it('that fails is quoted, cleaned', async () => {
    fake('printf "\\033[31mboom in $2\\n" >&2; exit 1');
    const note = noteOf(await report(FILES, { path: 'prod' }));
    expect(note).toMatch(/kustomize says: boom in \/checkout\/prod$/);
  });

  it('that is not installed is said, and the files are read as written', async () => {
    vi.stubEnv('PATH', tempDir());
    const repository = tempDir();
    expect(existsSync(repository)).toBe(true);
    // The repository is made with git, which needs a PATH.
    vi.unstubAllEnvs();
    const dir = makeRepository(FILES);
    vi.stubEnv('PATH', tempDir());
    const read = await createGitopsSource().compare(
      { repository: dir, path: 'prod' },
      [cnp('p', [fqdnRule(['a.example'])])],
      'shop',
      never,
    );
    if (!read.ok) throw new Error(read.notRead.reason);
    expect(read.value.policies[0]?.kind).toBe('same');
    expect(noteOf(read.value)).toMatch(/kustomize or kubectl is not installed/);
  });

  const CHART: Files = {
    'chart/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
    'chart/values.yaml': 'host: a.example\n',
    'chart/templates/p.yaml': policy('{{ .Release.Name }}', '{{ .Values.host }}'),
    'chart/templates/link': { link: '/etc/passwd' },
  };
  const HELM_ASKED = { path: 'chart', rendering: { helm: helmInputs({ release: 'p' }) } };
  const ALLOWED = { access: { hosts: [], render: true } };

  it('charts is not started unless the operator allows it', async () => {
    const bin = fake('touch "$0.ran"', 'helm');
    const found = await report(CHART, HELM_ASKED);
    expect(noteOf(found)).toMatch(/without --git-render/);
    expect(existsSync(join(bin, 'helm.ran'))).toBe(false);
    expect(noteOf(await report(CHART, { path: 'chart', options: ALLOWED }))).toMatch(/no release and namespace/);
  });

  it('charts gets fixed arguments, and names that are options are refused', async () => {
    const bin = fake('echo "$@" > "$0.args"', 'helm');
    await report(CHART, { ...HELM_ASKED, options: ALLOWED });
    expect(readFileSync(join(bin, 'helm.args'), 'utf8')).toMatch(
      /^template p \/.*\/checkout\/chart --namespace shop$/m,
    );
    const bad = {
      path: 'chart',
      rendering: { helm: helmInputs({ release: '--post-renderer=x' }) },
      options: ALLOWED,
    };
    expect(noteOf(await report(CHART, bad))).toMatch(/name of the release/);
  });
});

describe("Argo CD's directory options", () => {
  const FILES: Files = {
    'app/p.yaml': policy('p', 'a.example', 'shop'),
    'app/q.yml': policy('q', 'a.example', 'shop'),
    'app/config.json': JSON.stringify({ a: 1 }),
    'app/deep/r.yaml': policy('r', 'a.example', 'shop'),
    'app/values.yaml': `# +argocd:skip-file-rendering\n${policy('v', 'a.example', 'shop')}`,
    'app/broken.yaml': 'a: [',
  };

  it.each<[Rendering['directory'], string[]]>([
    [{ recurse: false }, ['p', 'q']],
    [{ recurse: true }, ['p', 'r', 'q']],
    [{ recurse: true, include: '*.yaml' }, ['p', 'r']],
    [{ recurse: true, include: 'deep/*' }, ['p', 'r']],
    [{ recurse: true, exclude: 'deep/*' }, ['p', 'q']],
    [{ recurse: true, include: '{*.yml,deep/*}' }, ['p', 'r', 'q']],
    [{ recurse: true, include: '*', exclude: '*' }, ['p']],
  ])('%j takes %j', async (directory, names) => {
    const found = await report(FILES, { path: 'app', rendering: { directory: directory ?? { recurse: false } } });
    expect(found.policies.map((entry) => entry.policy.name).toSorted()).toEqual(names.toSorted());
    const live = found.policies.find((entry) => entry.policy.name === 'p');
    const takesP = directory?.exclude !== '*' && !['deep/*', '{*.yml,deep/*}'].includes(directory?.include ?? '');
    expect(live?.kind).toBe(takesP ? 'same' : 'only_live');
  });

  it('with a pattern that cannot be read say so', async () => {
    const found = await report(FILES, { path: 'app', rendering: { directory: { recurse: true, include: '{a' } } });
    expect(found.skipped).toContainEqual({ path: 'app', reason: expect.stringContaining('is not read') });
  });
});

describe('globs', () => {
  it.each<[string, string, boolean | undefined]>([
    ['*.yaml', 'a.yaml', true],
    ['*.yaml', 'deep/a.yaml', true],
    ['*.yaml', 'a.yml', false],
    ['a?.yaml', 'ab.yaml', true],
    ['a?.yaml', 'a.yaml', false],
    ['[ab].yaml', 'b.yaml', true],
    ['[!ab].yaml', 'b.yaml', false],
    ['[a-c].yaml', 'b.yaml', true],
    ['{a,b{c,d}}.yaml', 'bd.yaml', true],
    ['{a,b}.yaml', 'c.yaml', false],
    ['\\*.yaml', '*.yaml', true],
    ['\\*.yaml', 'a.yaml', false],
    ['', '', true],
    ['{a', 'a', undefined],
    ['{a*,b}c', 'ac', undefined],
    ['x{a*,b}', 'xac', true],
    ['[a', 'a', undefined],
    ['{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}', 'aaaaaaa', undefined],
  ])('%s and %s: %s', (pattern, text, yes) => {
    expect(compileGlob(pattern)?.(text)).toBe(yes);
  });

  it('take no more than length times length', () => {
    const started = performance.now();
    expect(compileGlob(`${'*a'.repeat(200)}b`)?.('a'.repeat(4000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('substitution', () => {
  const at = (text: string, values: Record<string, string>, areAll = false): unknown => {
    const result = substitute({ spec: { at: text } }, { values, areAll });
    return result.ok ? (result.manifest['spec'] as { at: unknown }).at : result.reason;
  };

  it.each<[string, Record<string, string>, unknown]>([
    ['plain', {}, 'plain'],
    ['$plain', {}, '$plain'],
    ['${a}', { a: 'x' }, 'x'],
    ['${a}.${b}', { a: 'x', b: 'y' }, 'x.y'],
    ['${a}', { a: '443' }, 443],
    ['${a}', { a: 'true' }, true],
    ['${a}', { a: '' }, null],
    ['${a}', { a: '007' }, '007'],
    ['x${a}', { a: '1' }, 'x1'],
    ['*.${a}', { a: 'vendor.example' }, '*.vendor.example'],
    ['${a:-b}', { a: 'x' }, 'x'],
    ['${a:=b}', { a: 'x' }, 'x'],
    ['$${a}', {}, '${a}'],
    ['a$$b', {}, 'a$b'],
    ['$$${a}', { a: 'x' }, '$x'],
    ['${a}', {}, expect.stringContaining('${a} was not given')],
    ['${a:-b}', {}, expect.stringContaining('${a} was not given')],
    ['${constructor}', {}, expect.stringContaining('was not given')],
    ['${a/x/y}', { a: 'x' }, expect.stringContaining('more than a variable')],
    ['${#a}', { a: 'x' }, expect.stringContaining('more than a variable')],
    ['${a', { a: 'x' }, expect.stringContaining('more than a variable')],
    ['${a}', { a: 'x\nkind: Other' }, expect.stringContaining('structure')],
    ['${a}', { a: 'b: c' }, expect.stringContaining('structure')],
    ['${a}', { a: '*.vendor.example' }, expect.stringContaining('structure')],
    ['*.${a}', { a: "x'" }, expect.stringContaining('structure')],
  ])('%j with %j is %j', (text, values, result) => {
    expect(at(text, values)).toEqual(result);
  });

  it('takes defaults where nothing is given, or nothing can be missing', () => {
    expect(at('${a:-b}', { a: '' })).toBe('b');
    expect(at('${a:=b}.${c}', { c: 'x' }, true)).toBe('b.x');
    expect(at('${a:=443}', {}, true)).toBe(443);
    expect(at('${a:=b}', { a: 'x' }, true)).toBe('x');
    expect(at('${a}', {}, true)).toEqual(
      expect.stringMatching(/not rendered: .*\$\{a\} is not set: Flux makes it empty/),
    );
  });

  it('names what may set a variable', () => {
    const from = { values: {}, areAll: false, unread: 'Secret s, which is not read' };
    for (const text of ['${a}', '${a:=b}'])
      expect(substitute({ spec: text }, from)).toEqual({
        ok: false,
        reason: 'not rendered: the value of ${a} may come from Secret s, which is not read',
      });
  });

  it('leaves alone what asks for it', () => {
    for (const place of ['labels', 'annotations']) {
      const manifest = { metadata: { [place]: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' } }, a: '${x}' };
      expect(substitute(manifest, { values: {}, areAll: true })).toEqual({ ok: true, manifest });
    }
  });
});

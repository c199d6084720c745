/** Patches of files that a kustomization builds on: made where the rule is written, and refused where the build would lose them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { PolicyChange } from '../../../src/core/model/evaluation.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import { createPatchWriter } from '../../../src/gitops/patch-writer.ts';
import type { Rendering } from '../../../src/ports/gitops-source.ts';
import { cnp, fqdnRule } from '../drift/policies.ts';
import { makeRepository, removeTempDirs } from './repositories.ts';

afterAll(removeTempDirs);

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

const POLICY = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: p
spec:
  endpointSelector:
    matchLabels: {app: checkout}
  egress:
    - toFQDNs:
        - matchName: api.vendor.example # the contract's
      toPorts: [{ports: [{port: "443", protocol: TCP}]}]
`;
const live = cnp('p', [fqdnRule(['api.vendor.example'])]);
const change: PolicyChange = {
  policy: { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'p' },
  op: 'add',
  path: ['spec', 'egress', 0, 'toFQDNs', '-'],
  value: { matchName: 'files.vendor.example' },
  why: 'a test',
};

function overlay(kustomization: string, more: Readonly<Record<string, string>> = {}): string {
  return makeRepository({
    'base/kustomization.yaml': 'resources: [p.yaml]\n',
    'base/p.yaml': POLICY,
    'lab/kustomization.yaml': `resources: [../base]\nnamespace: shop\n${kustomization}`,
    ...more,
  });
}

const HEAD = 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata:\n  name: p\n';
const REPLACES = `${HEAD}spec:
  egress:
    - toFQDNs: [{matchName: api.vendor.example}]
      toPorts: [{ports: [{port: "443", protocol: TCP}]}]
`;

describe.skipIf(!KUSTOMIZE)('a policy in the base of an overlay', () => {
  const patchOf = (repository: string) =>
    createGitopsSource().patch([change], [live], { repository, path: 'lab' }, never);

  it.each<[string, string, Readonly<Record<string, string>>]>([
    ['that only sets the namespace', '', {}],
    [
      'that patches something else',
      'patches:\n  - path: team.yaml\n',
      { 'lab/team.yaml': `${HEAD}  labels:\n    team: exports\n` },
    ],
  ])('%s is edited there, and who shares the base is said', async (_, kustomization, files) => {
    const repository = overlay(kustomization, files);
    const read = await patchOf(repository);
    if (!read.ok) throw new Error(read.notRead.reason);
    const { diff, file, inGit, note } = read.value;
    expect({ file, inGit }).toEqual({ file: 'base/p.yaml', inGit: true });
    expect(note).toContain('base/p.yaml is outside of lab: whatever else builds on it gets the change as well.');
    execFileSync('git', ['apply'], { cwd: repository, input: diff });
    const name = '        - matchName: files.vendor.example\n';
    expect(readFileSync(join(repository, 'base/p.yaml'), 'utf8')).toBe(
      POLICY.replace("contract's\n", `contract's\n${name}`),
    );
  });

  it('whose rules the overlay replaces gets no patch that would be lost', async () => {
    const read = await patchOf(overlay('patches:\n  - path: rules.yaml\n', { 'lab/rules.yaml': REPLACES }));
    expect(read).toMatchObject({
      ok: false,
      notRead: { reason: expect.stringMatching(/^no patch of base\/p\.yaml: .* what it makes of the edit is not/) },
    });
  });

  it('nor one whose rules a Kustomization of Flux replaces on the way', async () => {
    const repository = overlay('', { 'more/p.yaml': POLICY.replace('name: p', 'name: p\n  namespace: shop') });
    const patch = (path: string, patches: NonNullable<Rendering['overlay']>['patches']) => {
      const rendering = { overlay: { patches } };
      return createGitopsSource().patch([change], [live], { repository, path, rendering }, never);
    };
    const lost = { ok: false, notRead: { reason: expect.stringMatching(/^no patch of .*p\.yaml/) } };
    expect(await patch('lab', [{ patch: REPLACES }])).toMatchObject(lost);
    // Where Flux makes the kustomization, too.
    expect(await patch('more', [{ patch: REPLACES.replace('name: p', 'name: p\n  namespace: shop') }])).toMatchObject(
      lost,
    );
    const labels = [{ patch: `${HEAD}  labels:\n    team: exports\n` }];
    expect(await patch('lab', labels)).toMatchObject({ ok: true, value: { file: 'base/p.yaml', inGit: true } });
  });

  it.each([
    ['built', 'lab', true],
    ['read as it is', 'plain', false],
  ])('with variables is edited where they stand, and they stay: %s', async (_, path, isBuilt) => {
    const text = POLICY.replace('name: p', isBuilt ? 'name: ${team}' : 'name: ${team}\n  namespace: shop')
      .replace('api.vendor.example', '${host:=api}.vendor.example')
      .replace('"443"', '"${port}"');
    const base: Readonly<Record<string, string>> = isBuilt ? { 'base/p.yaml': text } : { 'plain/p.yaml': text };
    const repository = overlay('', base);
    const substitute = { team: 'p', port: '443' };
    const asked = { repository, path, rendering: { substitute, substituteAll: true as const } };
    const read = await createGitopsSource().patch([change], [live], asked, never);
    if (!read.ok) throw new Error(read.notRead.reason);
    expect(read.value).toMatchObject({ file: Object.keys(base)[0], inGit: true });
    execFileSync('git', ['apply'], { cwd: repository, input: read.value.diff });
    const after = readFileSync(join(repository, read.value.file), 'utf8');
    expect(after).toContain('- matchName: ${host:=api}.vendor.example');
    expect(after).toContain('        - matchName: files.vendor.example\n');
  });

  it('is not edited where something else would change with it', async () => {
    const replacements = `replacements:
  - source: {kind: CiliumNetworkPolicy, name: p, fieldPath: spec.egress.0.toFQDNs}
    targets: [{select: {kind: CiliumNetworkPolicy, name: q}, fieldPaths: [spec.egress.0.toFQDNs]}]
`;
    const repository = overlay(replacements, {
      'base/kustomization.yaml': 'resources: [p.yaml, q.yaml]\n',
      'base/q.yaml': POLICY.replace('name: p', 'name: q'),
    });
    expect(await patchOf(repository)).toMatchObject({ ok: false, notRead: { code: 'invalid' } });
  });

  it('is no place for a new policy of one namespace: that goes into the overlay, and is listed there', async () => {
    const repository = overlay('');
    const policy = { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'cart-to-files' };
    const spec = { endpointSelector: { matchLabels: { app: 'cart' } }, egress: [{ toEntities: ['world'] }] };
    const value = {
      apiVersion: 'cilium.io/v2',
      kind: policy.kind,
      metadata: { name: policy.name, namespace: 'shop' },
      spec,
    };
    const made: PolicyChange = { policy, op: 'add', path: [], value, why: 'a test' };
    const read = await createGitopsSource().patch([made], [live], { repository, path: 'lab' }, never);
    if (!read.ok) throw new Error(read.notRead.reason);
    expect(read.value).toMatchObject({ file: 'lab/cart-to-files.yaml, lab/kustomization.yaml', inGit: true });
    execFileSync('git', ['apply'], { cwd: repository, input: read.value.diff });
    expect(readFileSync(join(repository, 'lab/kustomization.yaml'), 'utf8')).toBe(
      'resources: [../base, cart-to-files.yaml]\nnamespace: shop\n',
    );
  });

  it('is written there by --write', async () => {
    const repository = overlay('');
    const read = await patchOf(repository);
    const diff = read.ok ? read.value.diff : '';
    const request = { changes: [change], live: [live], repo: { repository, path: 'lab' }, diff, message: 'a test' };
    expect(await createPatchWriter().write(request, never)).toEqual({ files: ['base/p.yaml'] });
    expect(readFileSync(join(repository, 'base/p.yaml'), 'utf8')).toContain('files.vendor.example');
  });
});

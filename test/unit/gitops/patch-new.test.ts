/** A new policy in a repository: beside its neighbours, in their style, listed where they are; git itself applies the diff. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, describe, expect, it } from 'vitest';
import type { PolicyChange } from '../../../src/core/model/evaluation.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import { type Files, makeRepository, removeTempDirs } from './repositories.ts';

afterAll(removeTempDirs);

const never = new AbortController().signal;
const source = createGitopsSource();
const policy = { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'checkout-to-files' };
const manifest = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'checkout-to-files', namespace: 'shop' },
  spec: {
    endpointSelector: { matchLabels: { app: 'checkout' } },
    egress: [{ toFQDNs: [{ matchName: 'files.vendor.example' }] }],
  },
};
const rule = { toEndpoints: [{}], toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }] }] };
const create: PolicyChange = { policy, op: 'add', path: [], value: manifest, why: 'a test' };
const more: PolicyChange = { policy, op: 'add', path: ['spec', 'egress', '-'], value: rule, why: 'a test' };

const neighbour = (name: string, namespace = 'shop'): string => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  endpointSelector: {}
  egress: []
`;
const quoted = `---
apiVersion: "cilium.io/v2"
kind: "CiliumNetworkPolicy"
metadata:
  name: "cart"
  namespace: "shop"
spec:
  endpointSelector: {}
  egress:
  - toFQDNs:
    - matchName: "api.vendor.example"
`;

async function patched(files: Files, changes: readonly PolicyChange[] = [create, more]) {
  const repository = makeRepository(files);
  const read = await source.patch(changes, [], { repository }, never);
  if (!read.ok) throw new Error(read.notRead.reason);
  if (read.value.inGit) execFileSync('git', ['apply'], { cwd: repository, input: read.value.diff });
  return { ...read.value, text: (path: string) => readFileSync(join(repository, path), 'utf8') };
}
const whole = { ...manifest, spec: { ...manifest.spec, egress: [...manifest.spec.egress, rule] } };

describe('where it goes', () => {
  it('beside the policies of its namespace', async () => {
    const files = {
      'a/one.yaml': neighbour('one'),
      'shop/two.yml': neighbour('two'),
      'shop/three.yml': neighbour('three'),
      'x.yaml': neighbour('x', 'other'),
    };
    const { file, inGit, note, text } = await patched(files);
    expect([file, inGit]).toEqual(['shop/checkout-to-files.yml', true]);
    expect(load(text('shop/checkout-to-files.yml'))).toEqual(whole);
    expect(note).toContain('No kustomization stands beside it');
  });

  it('nowhere known, and then as a file against nothing', async () => {
    const { file, inGit, diff, note } = await patched({ 'x.yaml': neighbour('x', 'other') });
    expect([file, inGit]).toEqual(['live/ciliumnetworkpolicy-shop-checkout-to-files.yaml', false]);
    expect(diff).toContain('--- /dev/null');
    expect(note).toContain('or others of its namespace');
  });

  it('not over a file of that name', async () => {
    const { inGit } = await patched({ 'shop/checkout-to-files.yaml': neighbour('another') });
    expect(inGit).toBe(false);
  });
});

describe('how it looks', () => {
  it('indentation, quotes, opening mark', async () => {
    const { text } = await patched({ 'shop/cart.yaml': quoted }, [create]);
    expect(text('shop/checkout-to-files.yaml')).toBe(`---
apiVersion: "cilium.io/v2"
kind: "CiliumNetworkPolicy"
metadata:
  name: "checkout-to-files"
  namespace: "shop"
spec:
  endpointSelector:
    matchLabels:
      app: checkout
  egress:
  - toFQDNs:
    - matchName: "files.vendor.example"
`);
  });

  it('line ends', async () => {
    const { text } = await patched({ 'shop/cart.yaml': neighbour('cart').replaceAll('\n', '\r\n') }, [create]);
    expect(
      text('shop/checkout-to-files.yaml')
        .split('\n')
        .every((line) => line === '' || line.endsWith('\r')),
    ).toBe(true);
  });
});

describe('the kustomization beside it', () => {
  const kustomization = 'resources:\n  # policies\n  - cart.yaml # the cart\n';
  it('lists it, comments kept', async () => {
    const { file, text, note } = await patched({
      'shop/cart.yaml': neighbour('cart'),
      'shop/kustomization.yaml': kustomization,
    });
    expect(file).toBe('shop/checkout-to-files.yaml, shop/kustomization.yaml');
    expect(text('shop/kustomization.yaml')).toBe(
      'resources:\n  # policies\n  - cart.yaml # the cart\n  - checkout-to-files.yaml\n',
    );
    expect(note).toContain('shop/kustomization.yaml lists it');
  });

  it.each(['resources: *all\n', 'namespace: shop\n', 'resources: {{ list }}\n'])(
    'that cannot be edited is named: %j',
    async (text) => {
      const { file, note } = await patched({ 'shop/cart.yaml': neighbour('cart'), 'shop/kustomization.yaml': text });
      expect(file).toBe('shop/checkout-to-files.yaml');
      expect(note).toContain('Add checkout-to-files.yaml to the resources of shop/kustomization.yaml');
    },
  );

  it('of another folder is left alone', async () => {
    const { file } = await patched({
      'shop/cart.yaml': neighbour('cart'),
      'kustomization.yaml': 'resources:\n  - shop\n',
    });
    expect(file).toBe('shop/checkout-to-files.yaml');
  });
});

/** Calico's objects as the API serves them: written or stored, whole or refused, and what is decoded of each. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { afterEach, describe, expect, it } from 'vitest';
import { openArchiveReader } from '../../../src/cluster/archive/reader.ts';
import { oneOfForms } from '../../../src/cluster/both-forms.ts';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import { calicoPolicySchema, setSchema } from '../../../src/cluster/decode/calico.ts';
import type { NotRead } from '../../../src/core/model/cluster-state.ts';
import type { CalicoPolicy } from '../../../src/core/model/policies/calico.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { cleanUp, never, startLive, temporaryDir } from './adapters.ts';
import { checkout, namespace, object, pod } from './objects.ts';

afterEach(cleanUp);

const WRITTEN = 'projectcalico.org/v3';
const STORED = 'crd.projectcalico.org/v1';
const ref = { namespace: 'shop', name: checkout.metadata.name };
const spec = {
  order: 10,
  egress: [{ action: 'Deny', destination: { nets: ['203.0.113.0/24'] } }, { action: 'Allow' }],
};
const agent = pod('calico-system', 'calico-node-1', {
  labels: { 'k8s-app': 'calico-node' },
  image: 'quay.io/calico/node:v3.31.2',
});
const shop = (apiVersion: string, name: string) =>
  object(apiVersion, 'NetworkPolicy', { name, namespace: 'shop' }, { spec });
const asked = { addresses: ['203.0.113.10'], cnames: [], port: 443, protocol: 'TCP' } as const;

async function stateOf(...objects: readonly object[]) {
  const dir = await temporaryDir();
  const all = [checkout, namespace('shop'), agent, ...objects];
  await writeFile(join(dir, 'all.yaml'), all.map((one) => dump(one)).join('---\n'));
  return createClusterSource(await openArchiveReader(dir)).readState(ref, never);
}

describe('an archive with Calico objects', () => {
  it('knows engine, version and edition, and decides by the policy', async () => {
    const state = await stateOf(shop(WRITTEN, 'a'));
    expect(state.engine).toMatchObject({ cni: 'calico', version: '3.31.2', edition: 'open-source' });
    const subject = state.pods.find(({ meta }) => meta.name === ref.name);
    const answer = subject && evaluateEgress(state, subject, asked);
    expect(answer?.decision).toBe('denied');
    expect(answer?.decidedBy.map(({ policy, path }) => [policy.kind, policy.name, path])).toEqual([
      ['NetworkPolicy.projectcalico.org', 'a', 'spec.egress[0].destination.nets[0]'],
    ]);
  });

  it('takes an object in both forms once, under the name people gave it', async () => {
    const state = await stateOf(shop(WRITTEN, 'a'), shop(STORED, 'default.a'), shop(STORED, 'default.b'));
    expect(state.policies.map(({ meta }) => meta.name)).toEqual(['a', 'b']);
  });

  it('reads tiers, sets and host endpoints, with the labels that the stored form keeps aside', async () => {
    const stored = {
      name: 'far',
      annotations: { 'projectcalico.org/metadata': JSON.stringify({ labels: { role: 'shop' } }) },
    };
    const state = await stateOf(
      object(WRITTEN, 'Tier', { name: 'security' }, { spec: { order: 100, defaultAction: 'Pass' } }),
      object(STORED, 'GlobalNetworkSet', stored, { spec: { nets: ['203.0.113.10/32'] } }),
      object(WRITTEN, 'NetworkSet', { name: 'near', namespace: 'shop' }, { spec: {} }),
      object(WRITTEN, 'HostEndpoint', { name: 'n1', labels: { zone: 'a' } }, { spec: { expectedIPs: ['10.1.1.1'] } }),
    );
    expect(state.calico?.tiers).toMatchObject([{ meta: { name: 'security' }, order: 100, defaultAction: 'Pass' }]);
    expect(state.calico?.sets.map(({ kind, meta, nets }) => [kind, meta.name, meta.labels, nets])).toEqual([
      ['NetworkSet', 'near', {}, []],
      ['GlobalNetworkSet', 'far', { role: 'shop' }, ['203.0.113.10/32']],
      ['HostEndpoint', 'n1', { zone: 'a' }, ['10.1.1.1']],
    ]);
  });

  it('has no facts where there is nothing of Calico', async () => {
    const state = await stateOf();
    expect(state.calico).toBeUndefined();
  });

  it('reports a rule with a field that it does not know', async () => {
    const strange = { egress: [{ action: 'Deny', destination: { planets: ['Mars'] } }] };
    const state = await stateOf(object(WRITTEN, 'NetworkPolicy', { name: 'a', namespace: 'shop' }, { spec: strange }));
    expect(state.policies).toEqual([]);
    const broken = state.notRead.find(({ code }) => code === 'invalid');
    expect(broken?.what).toBe('calico networkpolicies shop/a');
    expect(broken?.reason).toMatch(/destination.*planets/);
  });
});

describe('Calico beside another network', () => {
  const agentOf = (name: string, label: string, image: string) =>
    pod('kube-system', name, { labels: { 'k8s-app': label }, image });
  it.each([
    ['EKS', agentOf('calico-node-2', 'calico-node', 'docker.io/calico/node:v3.30.1'), 'open-source'],
    ['AKS', agentOf('calico-node-2', 'calico-node', 'mcr.microsoft.com/oss/calico/node:v3.30.1'), 'open-source'],
    ['Canal', agentOf('canal-1', 'canal', 'docker.io/calico/node:v3.30.1'), 'open-source'],
    ['Enterprise', agentOf('calico-node-2', 'calico-node', 'quay.io/tigera/cnx-node:v3.30.1'), 'enterprise'],
    ['a rebuilt image', agentOf('calico-node-2', 'calico-node', 'rancher/mirrored-calico-node:v3.30.1'), undefined],
  ])('enforces: %s', async (_, node, edition) => {
    const others = [
      agentOf('aws-node-1', 'aws-node', 'amazon-k8s-cni:v1.18.0'),
      pod('kube-flannel', 'flannel-1', { labels: { app: 'flannel' }, image: 'flannel/flannel:v0.26.1' }),
    ];
    const dir = await temporaryDir();
    const all = [checkout, namespace('shop'), ...others, node];
    await writeFile(join(dir, 'all.yaml'), all.map((one) => dump(one)).join('---\n'));
    const { engine } = await createClusterSource(await openArchiveReader(dir)).readState(ref, never);
    expect([engine.cni, engine.version, engine.edition]).toEqual(['calico', '3.30.1', edition]);
  });
});

describe('a cluster', () => {
  it('without Calico is asked nothing about it', async () => {
    const { api, reader } = await startLive({ objects: [checkout, namespace('shop')] });
    const state = await createClusterSource(reader).readState(ref, never);
    expect(state.calico).toBeUndefined();
    expect(state.notRead.filter(({ what }) => /calico|tiers|serviceaccounts/.test(what))).toEqual([]);
    expect(api.requests.filter(({ path }) => /calico|serviceaccounts/.test(path))).toEqual([]);
  });
});

const policy = (name: string, tier = 'default'): CalicoPolicy =>
  calicoPolicySchema('NetworkPolicy.projectcalico.org', 'projectcalico.org').parse({
    metadata: { name, namespace: 'shop' },
    spec: { tier },
  });
const gap = (code: NotRead['code']): NotRead => ({ what: 'calico networkpolicies', code, reason: code });
const whole = (...names: readonly string[]) => ({ values: names.map((name) => policy(name)), notRead: [] });
const failed = (code: NotRead['code']) => ({ values: [], notRead: [gap(code)] });

describe('two forms of the same kind', () => {
  it.each([
    ['both read', whole('a'), whole('default.a', 'b'), ['a', 'b'], []],
    ['the stored form refused: tiers may be left out', whole('a'), failed('forbidden'), ['a'], ['forbidden']],
    ['no stored form in this version', whole('a'), failed('kind_absent'), ['a'], []],
    ['no stored form in the archive', whole('a'), failed('not_in_archive'), ['a'], []],
    ['no API server of Calico', failed('kind_absent'), whole('b'), ['b'], []],
    ['the API server of Calico down', failed('unreachable'), whole('b'), ['b'], []],
    ['neither', failed('kind_absent'), failed('kind_absent'), [], ['kind_absent']],
    ['a refusal tells more than an absence', failed('forbidden'), failed('kind_absent'), [], ['forbidden']],
    ['and so on the other side', failed('not_in_archive'), failed('forbidden'), [], ['forbidden']],
    ['Kubernetes policies under their Calico names', whole('a', 'knp.default.k'), whole(), ['a'], []],
  ] as const)('%s', (_, written, stored, names, codes) => {
    const read = oneOfForms<CalicoPolicy>(written, stored, true);
    expect(read.values.map(({ meta }) => meta.name)).toEqual(names);
    expect(read.notRead.map(({ code }) => code)).toEqual(codes);
  });

  it('sets know no tiers: the written form is enough', () => {
    const known = { values: [setSchema('GlobalNetworkSet').parse({ metadata: { name: 's' } })], notRead: [] };
    expect(oneOfForms(known, failed('forbidden'), false).notRead).toEqual([]);
  });
});

describe('the stored form of a policy', () => {
  const stored = (name: string, more: object = {}, annotation?: string) =>
    calicoPolicySchema('GlobalNetworkPolicy.projectcalico.org', 'crd.projectcalico.org').parse({
      metadata: { name, ...(annotation && { annotations: { 'projectcalico.org/metadata': annotation } }) },
      spec: more,
    });
  it.each([
    ['default.a', {}, undefined, 'a'],
    ['security.a', { tier: 'security' }, undefined, 'security.a'],
    ['default.a', {}, '{"name":"written"}', 'written'],
    ['default.a', {}, 'not JSON', 'a'],
  ])('%s has the name people gave it', (name, more, annotation, expected) =>
    expect(stored(name, more, annotation).meta.name).toBe(expected),
  );
  it('without types is of both', () => expect(stored('a').types).toEqual(['Ingress', 'Egress']));
  it('with types is of those', () => expect(stored('a', { types: ['Ingress'] }).types).toEqual(['Ingress']));
});

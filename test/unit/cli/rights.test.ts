import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RESOURCES } from '../../../src/cluster/resources.ts';
import { bareEnv, ensureBundle, runProgram } from '../server/bundle.ts';
import { type FakeApi, type RawObject, type SeenRequest, startFakeApi } from '../support/fake-api-server.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const [, yaml = ''] = /```yaml\n(apiVersion: rbac[\s\S]*?)```/.exec(readme) ?? [];
const rules = loadAll(yaml).flatMap((role) => (role as { readonly rules: readonly Rule[] }).rules);

/** `/apis/apps/v1/namespaces/shop/deployments/x` → the right an API server asks for. */
function rightOf({ path }: SeenRequest): { group: string; resource: string; verb: string } {
  const [, root, ...parts] = path.split('/');
  const [group = '', , ...rest] = root === 'api' ? ['', ...parts] : parts;
  const [resource = '', name, subresource] = rest[0] === 'namespaces' && rest.length > 2 ? rest.slice(2) : rest;
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  return { group, resource: full, verb: name === undefined ? 'list' : 'get' };
}

const granted = ({ group, resource, verb }: ReturnType<typeof rightOf>): boolean =>
  rules.some(
    ({ apiGroups, resources, verbs }) =>
      apiGroups.includes(group) && resources.includes(resource) && verbs.includes(verb),
  );

const object = (kind: string, name: string, namespace?: string, rest: object = {}): RawObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: { 'k8s-app': name } },
  ...rest,
});
const running = (container: string, image: string): object => ({
  spec: { nodeName: 'node-1', containers: [{ name: container, image }] },
  status: { phase: 'Running', podIP: '10.0.0.5', containerStatuses: [{ name: container, state: { running: {} } }] },
});
const objects = [
  object('Namespace', 'shop'),
  object('Pod', 'checkout', 'shop', running('app', 'shop/checkout:1')),
  {
    ...object('CiliumNetworkPolicy', 'names', 'shop', {
      spec: { endpointSelector: {}, egress: [{ toFQDNs: [{ matchName: 'api.vendor.example' }] }] },
    }),
    apiVersion: 'cilium.io/v2',
  },
  object('Pod', 'cilium', 'kube-system', running('cilium-agent', 'quay.io/cilium/cilium:v1.19.5')),
];
const groups = Object.fromEntries(
  RESOURCES.filter(({ group }) => group.includes('.')).map(({ group, versions }) => [group, versions]),
);

let api: FakeApi;
beforeAll(async () => {
  ensureBundle();
  api = await startFakeApi({ objects, groups });
}, 60_000);
afterAll(() => api.close());

it('the roles in the README grant all that is asked for', async () => {
  const env = bareEnv(mkdtempSync(join(tmpdir(), 'egress-rights-')));
  for (const workload of ['checkout', 'gone', 'deploy/gone', 'sts/gone', 'ds/gone', 'rs/gone', 'job/gone'])
    await runProgram(['diagnose', '-n', 'shop', workload, 'x.example', '--kubeconfig', api.kubeconfig], env);
  const asked = api.requests.filter(({ path }) => path !== '/apis').map(rightOf);
  const resources = new Set(asked.map(({ resource }) => resource));
  for (const one of ['pods/exec', 'pods/log', 'ciliumendpoints', 'ciliumnetworkpolicies', 'jobs', 'configmaps'])
    expect(resources).toContain(one);
  expect(asked.filter((right) => !granted(right))).toEqual([]);
}, 60_000);

it('the roles in the README grant no more than reading, and exec', () => {
  const known = new Set([...RESOURCES.map(({ name }) => name), 'pods/log', 'pods/exec', 'ciliumendpoints']);
  for (const { resources, verbs, resourceNames } of rules) {
    expect(resources.filter((name) => !known.has(name))).toEqual([]);
    expect(verbs.filter((verb) => verb !== 'get' && verb !== 'list')).toEqual(
      resources.includes('pods/exec') ? ['create'] : [],
    );
    // Never all of them: people keep settings of their own there.
    if (resources.includes('configmaps'))
      expect(resourceNames).toEqual(expect.arrayContaining(['cilium-config', 'amazon-vpc-cni', 'antrea-config']));
  }
});

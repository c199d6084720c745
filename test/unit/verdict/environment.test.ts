/** What the pod's specification adds to the findings, and that a plain pod adds nothing. */
import { describe, expect, it } from 'vitest';
import type { Container, Pod } from '../../../src/core/model/workload.ts';
import { environmentFindings } from '../../../src/core/verdict/findings-environment.ts';
import { caseOf, type EndpointSpec, endpoint, POD } from './case-builder.ts';

const container = (env: Readonly<Record<string, string>>, name = 'app'): Container => ({
  name,
  image: 'x',
  role: 'app',
  ports: [],
  env,
  state: 'running',
  restarts: 0,
});
const AZURE = container({ AZURE_FEDERATED_TOKEN_FILE: '/t', AZURE_AUTHORITY_HOST: 'https://login.idp.example/' });

const ids = (pod: Partial<Pod>, spec: EndpointSpec = {}, others: EndpointSpec[] = []) => {
  const subject = endpoint(spec);
  const seen = caseOf([subject, ...others.map(endpoint)], { pod: { ...POD, ...pod } });
  return environmentFindings(seen, subject).map(({ id, state }) => [id, state]);
};

describe('the environment', () => {
  it.each<[string, Partial<Pod>, EndpointSpec, EndpointSpec[], string[]]>([
    ['is not worth a word for a plain pod', {}, {}, [], []],
    [
      'has an alias for this host',
      { hostAliases: [{ ip: '192.0.2.7', hostnames: ['files.vendor.example'] }] },
      {},
      [],
      ['host-alias'],
    ],
    [
      'has an alias for another host',
      { hostAliases: [{ ip: '192.0.2.7', hostnames: ['api.vendor.example'] }] },
      {},
      [],
      [],
    ],
    ['has an alias named like a method', { hostAliases: [] }, { host: 'constructor' }, [], []],
    [
      'is the network of the node, and with it its resolver',
      { hostNetwork: true },
      {},
      [],
      ['host-network', 'resolver-of-pod'],
    ],
    [
      'is the network of the node with the DNS of the cluster',
      { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' },
      {},
      [],
      ['host-network'],
    ],
    ['has the resolver of the node', { dnsPolicy: 'Default' }, {}, [], ['resolver-of-pod']],
    [
      'lowers ndots',
      { dnsConfig: { nameservers: [], searches: [], options: [{ name: 'ndots', value: '1' }] } },
      {},
      [],
      ['resolver-of-pod'],
    ],
    [
      'has a mesh proxy',
      { containers: [container({}), container({}, 'istio-proxy')] },
      { interceptedBy: 'istio-proxy' },
      [],
      ['mesh-in-path'],
    ],
    [
      'has a mesh proxy, which this connection goes around',
      { containers: [container({}), container({}, 'istio-proxy')] },
      {},
      [],
      [],
    ],
    [
      'asks for its identity at this host',
      { containers: [AZURE] },
      { host: 'login.idp.example' },
      [],
      ['identity-endpoint'],
    ],
    ['asks for its identity elsewhere', { containers: [AZURE] }, {}, [], []],
    [
      'works for the identity alone',
      { containers: [AZURE] },
      { connect: 'timeout' },
      [{ role: 'comparison', host: 'login.idp.example' }],
      ['only-identity-works'],
    ],
    [
      'works for the identity and for another',
      { containers: [AZURE] },
      { connect: 'timeout' },
      [
        { role: 'comparison', host: 'login.idp.example' },
        { role: 'second_hop', host: 'api.vendor.example' },
      ],
      [],
    ],
  ])('%s', (_name, pod, spec, others, expected) => {
    expect(ids(pod, spec, others)).toEqual(expected.map((id) => [id, 'confirmed']));
  });
});

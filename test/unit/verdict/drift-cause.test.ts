/** Drift as a cause: only where Git's version, by the engine's rules, lets the very connection through. */
import { describe, expect, it } from 'vitest';
import { toManifest } from '../../../src/core/drift/manifest.ts';
import { normalise } from '../../../src/core/drift/normalise.ts';
import { driftsOf, type GitPolicy } from '../../../src/core/drift/report.ts';
import type { CiliumEgressRule, PatchablePolicy } from '../../../src/core/model/policy.ts';
import type { LookupOutcome } from '../../../src/core/model/probe.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { judge } from '../../../src/core/verdict/judge.ts';
import { ccnp, cnp, dnsRule, np, P, ports, select, tcp443, world } from '../policy/world.ts';
import { caseOf, endpoint } from './case-builder.ts';

const HOST = 'files.vendor.example';
const ADDRESS = '203.0.113.20';
const names = (list: string[], port = '443/TCP') => ({
  toFQDNs: list.map((matchName) => ({ matchName })),
  toPorts: [{ ports: ports(port) }],
});
const comparison = endpoint({ role: 'comparison', host: 'login.idp.example' });

const inGit = (policy: PatchablePolicy): GitPolicy => {
  const { manifest } = toManifest(policy);
  const normal = normalise(policy.kind, manifest);
  if (!normal.ok) throw new Error(normal.reason);
  const { name, namespace } = policy.meta;
  return {
    kind: policy.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    file: { path: 'p.yaml', document: 0 },
    manifest,
    normal: normal.normal,
  };
};

function causeOf(live: PatchablePolicy[], git: PatchablePolicy[], lookup: LookupOutcome = 'resolved') {
  const state = world(live);
  const destination = { host: HOST, cnames: [], addresses: [ADDRESS], port: 443, protocol: 'TCP' as const };
  const asked = { ...endpoint({ connect: 'timeout', lookup }), evaluation: evaluateEgress(state, P, destination) };
  const policies = driftsOf(live, git.map(inGit), { namespace: 'default', unread: 0 });
  const value = { repository: 'r', ref: 'main', commit: 'abc', skipped: [], policies };
  const { cause } = judge(caseOf([asked, comparison], { pod: P, state, drift: { ok: true, value } }));
  return [cause?.class, cause?.underlying];
}

const live = cnp('c', { egress: [dnsRule(), names(['api.vendor.example'])] });
const withEgress = (...egress: CiliumEgressRule[]) => cnp('c', { egress: [dnsRule(), ...egress] });

describe('drift is the cause', () => {
  it.each<[string, PatchablePolicy[], PatchablePolicy[]]>([
    ['Git lists the name', [live], [withEgress(names(['api.vendor.example', HOST]))]],
    ['Git has a rule of its own for it', [live], [withEgress(names(['api.vendor.example']), names([HOST]))]],
    [
      'Git has the port that live lacks',
      [withEgress(names([HOST], '80/TCP'))],
      [withEgress({ ...names([HOST]), toPorts: [{ ports: ports('80/TCP', '443/TCP') }] })],
    ],
    [
      'Git has a range',
      [np('n', { policyTypes: ['Egress'], egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] })],
      [
        np('n', {
          policyTypes: ['Egress'],
          egress: [
            { ports: [{ port: 53, protocol: 'UDP' }] },
            { to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }], ports: [{ port: 443, protocol: 'TCP' }] },
          ],
        }),
      ],
    ],
    [
      'only live denies it explicitly',
      [
        withEgress(names([HOST])),
        ccnp('deny', { egressDeny: [{ toCIDR: ['203.0.113.0/24'] }, { toCIDR: ['192.0.2.0/24'] }] }),
      ],
      [withEgress(names([HOST])), ccnp('deny', { egressDeny: [{ toCIDR: ['192.0.2.0/24'] }] })],
    ],
    [
      "Git's policy selects the pod",
      [live, cnp('d', { endpointSelector: select({ app: 'q' }), egress: [names([HOST])] })],
      [live, cnp('d', { endpointSelector: select({ app: 'p' }), egress: [names([HOST])] })],
    ],
  ])('%s', (_name, liveOnes, gitOnes) => {
    expect(causeOf(liveOnes, gitOnes)[0]).toBe('GITOPS_DRIFT');
  });
});

describe('drift is not the cause', () => {
  it.each<[string, PatchablePolicy[], PatchablePolicy[]]>([
    ['another host differs', [live], [withEgress(names(['api.vendor.example', 'vendor.example']))]],
    [
      'Git lists the name on another port',
      [live],
      [withEgress(names(['api.vendor.example']), names([HOST], '80/TCP'))],
    ],
    [
      'Git lets the name be looked up only',
      [cnp('c', { egress: [dnsRule([{ matchPattern: '*.example' }]), names(['api.vendor.example'])] })],
      [
        cnp('c', {
          egress: [dnsRule([{ matchPattern: '*.example' }, { matchName: HOST }]), names(['api.vendor.example'])],
        }),
      ],
    ],
    [
      "Git's rule is denied by another policy",
      [live, ccnp('deny', { egressDeny: [{ toEntities: ['world'] }] })],
      [withEgress(names([HOST])), ccnp('deny', { egressDeny: [{ toEntities: ['world'] }] })],
    ],
    [
      "Git's policy is for another pod",
      [live, cnp('d', { endpointSelector: select({ app: 'q' }), egress: [{ toEntities: ['host'], toPorts: tcp443 }] })],
      [live, cnp('d', { endpointSelector: select({ app: 'q' }), egress: [names([HOST])] })],
    ],
  ])('%s', (_name, liveOnes, gitOnes) => {
    expect(causeOf(liveOnes, gitOnes)[0]).not.toBe('GITOPS_DRIFT');
  });

  it('the name does not exist', () => {
    expect(causeOf([live], [withEgress(names(['api.vendor.example', HOST]))], 'nxdomain')).toEqual([
      'DNS_NAME_NOT_FOUND',
      undefined,
    ]);
  });
});

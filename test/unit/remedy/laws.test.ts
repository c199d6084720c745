/** Laws of remedies on random clusters: what is proposed opens the connection as stored too, opens no canary, and takes nothing from anybody. */
import { expect, it } from 'vitest';
import { ciliumPolicySchema } from '../../../src/cluster/decode/cilium-policy.ts';
import { networkPolicySchema } from '../../../src/cluster/decode/network-policy.ts';
import { applyEdit, type Edit } from '../../../src/core/drift/apply-change.ts';
import type { Json } from '../../../src/core/drift/json.ts';
import { toManifest } from '../../../src/core/drift/manifest.ts';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { Remedy } from '../../../src/core/model/diagnosis.ts';
import type { PolicyChange } from '../../../src/core/model/evaluation.ts';
import type { FieldManager, ObjectMeta } from '../../../src/core/model/object-meta.ts';
import type { CiliumEgressRule, PatchablePolicy, Policy } from '../../../src/core/model/policy.ts';
import { isPatchable } from '../../../src/core/model/policy.ts';
import { decideEgress, evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { applyChanges } from '../../../src/core/remedy/apply-change.ts';
import { proposeRemedy } from '../../../src/core/remedy/propose.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import { ccnp, cnp, DNS, dnsRule, kubeDns, meta, np, pod, ports, select, world } from '../policy/world.ts';
import * as fc from '../support/fast-check.ts';

const SHOP = pod('checkout-1', 'default', '10.0.0.1', { labels: { app: 'checkout', tier: 'web' } });
const CART = pod('cart-1', 'default', '10.0.0.2', { labels: { app: 'cart', tier: 'web' } });
const STORE = pod('store-1', 'other', '10.2.3.9', { labels: { app: 'store' } });
/** Named like the first, and governed by other policies. */
const TWIN = pod('checkout-2', 'default', '10.0.0.3', { labels: { app: 'checkout', tier: 'batch' } });
const pods = [SHOP, CART, TWIN, STORE, DNS];

const destinations: readonly Destination[] = [
  { host: 'files.vendor.example', cnames: [], addresses: ['203.0.113.10'], port: 443, protocol: 'TCP' },
  {
    host: 'files.vendor.example',
    cnames: ['edge.vendor.example'],
    addresses: ['203.0.113.10', '203.0.113.11'],
    port: 8443,
    protocol: 'TCP',
  },
  { cnames: [], addresses: ['203.0.113.10'], port: 443, protocol: 'TCP' },
  { cnames: [], addresses: ['10.2.3.9'], port: 5432, protocol: 'TCP' },
];
const canaries: readonly Destination[] = [
  { host: 'canary.example', cnames: [], addresses: ['198.51.100.77'], port: 443, protocol: 'TCP' },
  { cnames: [], addresses: ['198.51.100.78'], port: 22, protocol: 'TCP' },
  { cnames: [], addresses: ['10.0.0.2'], port: 9, protocol: 'TCP' },
];

const peer = fc.constantFrom<CiliumEgressRule>(
  { toFQDNs: [{ matchName: 'api.vendor.example' }] },
  { toFQDNs: [{ matchName: 'files.vendor.example' }, { matchName: 'edge.vendor.example' }] },
  { toFQDNs: [{ matchPattern: '*.store.example' }] },
  { toEndpoints: [select({ app: 'stroe', 'k8s:io.kubernetes.pod.namespace': 'other' })] },
  { toEndpoints: [select({ app: 'store', 'k8s:io.kubernetes.pod.namespace': 'other' })] },
  { toCIDR: ['203.0.113.10/32'] },
  { toCIDRSet: [{ cidr: '192.0.2.0/24', except: ['192.0.2.7/32'] }] },
);
const list = fc.constantFrom(['443/TCP'], ['80/TCP', '8443/TCP'], ['5432/TCP'], ['443/UDP']);
const element = fc
  .tuple(peer, list)
  .map(([one, given]): CiliumEgressRule => ({ ...one, toPorts: [{ ports: ports(...given) }] }));
const forDns = fc.constantFrom<CiliumEgressRule>(
  dnsRule(),
  dnsRule([{ matchName: 'api.vendor.example' }]),
  { toEndpoints: [kubeDns], toPorts: [{ ports: ports('53/ANY') }] },
  {
    toEndpoints: [select({ 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s-app': 'coredns' })],
    toPorts: [{ ports: ports('53/UDP') }],
  },
);
const deny = fc.constantFrom<CiliumEgressRule>(
  { toCIDR: ['203.0.113.0/24', '192.0.2.0/24'] },
  { toCIDRSet: [{ cidr: '203.0.113.0/24', except: [] }], toPorts: [{ ports: ports('443/TCP') }] },
  { toCIDR: ['203.0.113.10/32'], toPorts: [{ ports: ports('443/TCP') }] },
  { toEntities: ['world'] },
);
const subject = fc.constantFrom(
  select(),
  select({ app: 'checkout' }),
  select({ app: 'chekcout' }),
  select({ app: 'checkuot' }),
  select({ tier: 'web' }),
);
const managers: FieldManager[] = [
  { manager: 'kustomize-controller', operation: 'Apply', time: '2026-01-02T03:04:05Z' },
];
const written = (name: string, namespace?: string): ObjectMeta => ({ ...meta(name, namespace), managers });

const cilium = fc
  .record({
    endpointSelector: subject,
    egress: fc.array(fc.oneof(element, forDns), { minLength: 1, maxLength: 3 }),
    egressDeny: fc.option(fc.array(deny, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 3 }),
    wide: fc.boolean(),
  })
  .map(({ egressDeny, wide, ...rest }) => {
    const rule = { ...rest, ...(egressDeny && { egressDeny }) };
    return (name: string): Policy =>
      wide ? { ...ccnp(name, rule), meta: written(name) } : cnp(name, rule, { meta: written(name, 'default') });
  });
const network = fc
  .tuple(subject, fc.constantFrom('10.2.3.0/24', '203.0.113.10/32'), fc.constantFrom(53, 443, 5432))
  .map(
    ([podSelector, cidr, port]) =>
      (name: string): Policy =>
        np(name, {
          podSelector,
          policyTypes: ['Egress'],
          egress: [
            {
              to: [{ ipBlock: { cidr, except: [] } }, { podSelector: select({ app: 'cart' }) }],
              ports: [{ port, protocol: 'TCP' }],
            },
          ],
        }),
  );
const policies = fc
  .array(fc.oneof({ weight: 3, arbitrary: cilium }, network), { minLength: 1, maxLength: 3 })
  .map((made) => made.map((make, at) => make(`p${at}`)));

/** The state after the changes were made to the objects as stored, and read again by the decoders. */
function asStored(state: ClusterState, changes: readonly PolicyChange[]): ClusterState {
  const names = new Map(
    changes.map(({ policy }) => [`${policy.kind} ${policy.namespace ?? ''} ${policy.name}`, policy]),
  );
  let now = state;
  for (const ref of names.values()) {
    const live = state.policies.find(
      (one): one is PatchablePolicy => isPatchable(one) && one.kind === ref.kind && one.meta.name === ref.name,
    );
    const edits = changes.filter(({ policy }) => policy.kind === ref.kind && policy.name === ref.name);
    const object = edits.reduce<Json | undefined>(
      (value, change) => applyEdit(value ?? null, change as Edit),
      live && toManifest(live).manifest,
    );
    const decoded =
      ref.kind === 'NetworkPolicy'
        ? networkPolicySchema.parse(object)
        : ciliumPolicySchema(ref.kind as 'CiliumNetworkPolicy').parse(object);
    now = { ...now, policies: [...now.policies.filter((one) => one !== live), decoded] };
  }
  return now;
}

interface Proposed {
  readonly state: ClusterState;
  readonly after: ClusterState;
  readonly destination: Destination;
  readonly remedy: Remedy;
}

/** In the model and in the objects as stored. */
function opensTheConnection({ state, after, destination, remedy }: Proposed): void {
  const model = evaluateEgress(after, SHOP, destination);
  const stored = evaluateEgress(asStored(state, remedy.changes), SHOP, destination);
  expect([model.connect.decision, stored.connect.decision]).toEqual(['allowed', 'allowed']);
  expect([model.lookup.decision, stored.lookup.decision]).not.toContain('denied');
}

/** Unless a whole policy comes along and is said to. */
function opensNoCanary({ state, after, remedy }: Proposed): void {
  for (const canary of canaries) {
    if (decideEgress(state, SHOP, canary).decision !== 'denied') continue;
    if (decideEgress(after, SHOP, canary).decision !== 'denied') expect(remedy.alsoAllows.join()).toContain('all that');
  }
}

function takesNothingFromAnybody({ state, after }: Proposed): void {
  for (const one of pods) {
    for (const target of [...destinations, ...canaries]) {
      if (decideEgress(state, one, target).decision !== 'allowed') continue;
      const { decision } = decideEgress(after, one, target);
      expect([one.meta.name, target, decision]).toEqual([one.meta.name, target, 'allowed']);
    }
  }
}

async function isRendered({ state, remedy }: Proposed): Promise<void> {
  const live = state.policies.filter(isPatchable);
  const patch = await createGitopsSource().patch(remedy.changes, live, undefined, new AbortController().signal);
  expect(patch).toMatchObject({ ok: true, value: { diff: expect.stringMatching(/^\+/m) } });
}

/** Exactly where a deny is touched. */
function asksForConsent({ remedy: { changes, consent } }: Proposed): void {
  expect(consent !== undefined).toBe(changes.some(({ path }) => path.includes('egressDeny')));
}

it('whatever is proposed opens the connection, no canary, takes nothing, can be rendered, and asks where it must', async () => {
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(policies, fc.constantFrom(...destinations), async (given, destination) => {
      const state = world(given, { pods });
      const remedy = proposeRemedy(state, SHOP, destination, evaluateEgress(state, SHOP, destination));
      if (remedy === undefined) return;
      const proposed = { state, after: applyChanges(state, remedy.changes), destination, remedy };
      for (const { op, path } of remedy.changes)
        kinds.add(
          path.length === 0
            ? 'policy'
            : `${op} ${path.find((key) => /^(egress|endpointSelector|podSelector)/.test(String(key)))}`,
        );
      opensTheConnection(proposed);
      opensNoCanary(proposed);
      takesNothingFromAnybody(proposed);
      await isRendered(proposed);
      asksForConsent(proposed);
    }),
    { numRuns: 300 },
  );
  // A generator that makes nothing to propose would prove nothing.
  expect([...kinds]).toEqual(
    expect.arrayContaining(['add egress', 'add egressDeny', 'policy', 'replace endpointSelector']),
  );
});

/** Cases in which somebody changes the cluster, and Git stays as it is. */
import {
  AB,
  anchor,
  type Case,
  clusterwideText,
  control,
  edited,
  egress,
  egressTo,
  fluxLabels,
  networkPolicyText,
  policyText,
  usual,
} from './case.ts';

const files = usual();
const denied = { egressDeny: [{ toCIDR: ['198.51.100.0/24'] }] };
const withControl = (key: 'prune' | 'reconcile' | 'ssa', value: string) => usual({ annotations: control(key, value) });

const ofEdits: readonly Case[] = [
  { name: 'edit', title: 'manual edit', files, event: edited, expect: [{ outcome: 'reverted' }] },
  {
    name: 'edit-np',
    title: 'manual edit of a NetworkPolicy',
    files: (place) => ({ 'policies/policy.yaml': networkPolicyText(place), ...anchor(place) }),
    event: ({ edit }) =>
      edit({ kind: 'NetworkPolicy', spec: { egress: [egressTo('203.0.113.0/24', [{ protocol: 'TCP', port: 443 }])] } }),
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'flux-forecast-wide',
    title: 'manual edit of a CiliumClusterwideNetworkPolicy',
    files: (place) => ({ 'policies/policy.yaml': clusterwideText(place.name), ...anchor(place) }),
    event: ({ edit }) => edit({ kind: 'CiliumClusterwideNetworkPolicy', spec: { egress: egress(AB) } }),
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'documents',
    title: 'manual edit of the second policy of a file',
    files: (place) => ({
      'policies/all.yaml': `${policyText({ ...place, name: 'documents-first' })}\n---\n${policyText(place)}\n`,
    }),
    event: edited,
    expect: [{ outcome: 'reverted' }, { policy: 'documents-first', outcome: 'kept' }],
  },
  {
    name: 'edit-force',
    title: 'manual edit, spec.force (nothing of a policy is immutable)',
    spec: () => ({ force: true }),
    files,
    event: edited,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'edit-selector',
    title: 'manual edit of the selector',
    files,
    event: ({ edit }) => edit({ spec: { endpointSelector: { matchLabels: { tier: 'web' } } } }),
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'field-kubectl',
    title: 'kubectl sets a field that Git does not name',
    files,
    event: ({ edit }) => edit({ spec: denied }),
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'field-other',
    title: 'another program sets a field that Git does not name',
    files,
    event: ({ edit }) => edit({ spec: denied, manager: 'policy-operator' }),
    expect: [{ outcome: 'kept', says: /policy-operator/ }],
  },
  {
    name: 'field-both',
    title: 'another program sets such a field and one that Git names',
    files,
    event: ({ edit }) => edit({ spec: { ...denied, egress: egress(AB) }, manager: 'policy-operator' }),
    expect: [{ outcome: 'reverted', seen: 'changed otherwise' }],
  },
  {
    name: 'field-gone',
    title: 'a field that Git names was taken out',
    files,
    event: ({ edit }) => edit({ spec: { egress: null, ingress: [{}] } }),
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'deleted',
    title: 'deleted by hand',
    files,
    event: ({ remove }) => remove(),
    expect: [{ outcome: 'created' }],
  },
  { name: 'same', title: 'nothing was changed', files, event: () => undefined, expect: [{ outcome: 'kept' }] },
];

const ofNew: readonly Case[] = [
  {
    name: 'new',
    title: 'made by hand, without labels',
    files,
    event: ({ create }, { namespace }) => create(policyText({ name: 'new-extra', namespace })),
    expect: [{ policy: 'new-extra', outcome: 'not_tracked' }, { outcome: 'kept' }],
  },
  {
    name: 'new-labels',
    title: "made by hand, with Flux's labels copied",
    files,
    event: ({ create }, place) =>
      create(policyText({ name: 'new-labels-extra', namespace: place.namespace, labels: fluxLabels(place) })),
    expect: [{ policy: 'new-labels-extra', outcome: 'not_tracked' }],
  },
  {
    name: 'unlisted',
    title: 'made by hand as a file of the folder that its kustomization.yaml does not list',
    files: (place) => ({
      ...usual()(place),
      'policies/kustomization.yaml': 'resources: [policy.yaml, anchor.yaml]\n',
      'policies/spare.yaml': policyText({ name: 'unlisted-spare', namespace: place.namespace }),
    }),
    event: ({ create }, { namespace }) => create(policyText({ name: 'unlisted-spare', namespace, names: AB })),
    expect: [{ policy: 'unlisted-spare', outcome: 'not_tracked' }],
  },
];

const ofControls: readonly Case[] = [
  {
    name: 'reconcile-off-live',
    title: 'manual edit, reconcile: disabled on the live object alone',
    files,
    event: ({ edit }) =>
      edit({ metadata: { annotations: control('reconcile', 'disabled') }, spec: { egress: egress(AB) } }),
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'ssa-ignore',
    title: 'manual edit, ssa: Ignore on the live object',
    files,
    event: ({ edit }) => edit({ metadata: { annotations: control('ssa', 'Ignore') }, spec: { egress: egress(AB) } }),
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'ssa-once',
    title: 'manual edit, ssa: IfNotPresent in Git',
    files: withControl('ssa', 'IfNotPresent'),
    event: edited,
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'ssa-once-gone',
    title: 'deleted by hand, ssa: IfNotPresent in Git',
    files: withControl('ssa', 'IfNotPresent'),
    event: ({ remove }) => remove(),
    expect: [{ outcome: 'created' }],
  },
  {
    name: 'ssa-merge-field',
    title: 'kubectl sets a field that Git does not name, ssa: Merge',
    files: withControl('ssa', 'Merge'),
    event: ({ edit }) => edit({ spec: denied }),
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'ssa-merge-edit',
    title: 'manual edit of a field that Git names, ssa: Merge',
    files: withControl('ssa', 'Merge'),
    event: edited,
    expect: [{ outcome: 'reverted' }],
  },
];

const ofHolds: readonly Case[] = [
  {
    name: 'suspended',
    title: 'manual edit, Kustomization suspended',
    files,
    event: async ({ edit, kustomization }) => {
      await kustomization({ spec: { suspend: true } });
      await edit({ spec: { egress: egress(AB) } });
    },
    expect: [{ outcome: 'kept', says: /suspend/ }],
  },
  {
    name: 'resumed',
    title: 'manual edit, after the Kustomization was suspended, edited against and resumed',
    files,
    event: async ({ edit, kustomization, sync }) => {
      await kustomization({ spec: { suspend: true } });
      await edit({ spec: { egress: egress(AB) } });
      await kustomization({ spec: { suspend: false } });
      await sync();
      await edit({ spec: { egress: egress(['other.vendor.example']) } });
    },
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'dependency',
    title: 'made by hand before Flux could, as a dependency is missing',
    spec: () => ({ dependsOn: [{ name: 'nobody' }] }),
    failsAtFirst: true,
    files,
    event: ({ create }, place) => create(policyText({ ...place, names: AB, labels: fluxLabels(place) })),
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'dependency-later',
    title: 'manual edit, a dependency was added that fails',
    files,
    event: async ({ edit, kustomization, sync }) => {
      await kustomization({ spec: { dependsOn: [{ name: 'nobody' }] } });
      await sync();
      await edit({ spec: { egress: egress(AB) } });
    },
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'unhealthy',
    title: 'manual edit, the health check fails',
    spec: ({ namespace }) => ({
      timeout: '3s',
      healthChecks: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'nobody', namespace }],
    }),
    failsAtFirst: true,
    files,
    event: edited,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'ignored',
    title: 'manual edit of a field that spec.ignore names',
    spec: () => ({ ignore: [{ paths: ['/spec/egress'], target: { kind: 'CiliumNetworkPolicy' } }] }),
    files,
    event: edited,
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'names',
    title: 'the same folder is asked for as a part of the whole repository',
    files,
    path: '',
    event: edited,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'two',
    title: 'two Kustomizations name the same policy and say different things',
    beside: () => ({ 'two-other': { path: './other' } }),
    files: (place) => ({ ...usual()(place), 'other/policy.yaml': policyText({ ...place, names: AB }) }),
    event: () => undefined,
    expect: [{ outcome: 'not_checked', why: 'each sets it back to its own: what is live depends on which was last' }],
  },
  {
    name: 'two-same',
    title: 'two Kustomizations name the same policy and say the same',
    beside: () => ({ 'two-same-other': { path: './policies', prune: false } }),
    files,
    event: edited,
    expect: [{ outcome: 'reverted' }],
  },
];

export const liveCases: readonly Case[] = [...ofEdits, ...ofNew, ...ofControls, ...ofHolds];

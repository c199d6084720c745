/** Cases of values that come from other objects, of components, and of a Kustomization that is being deleted itself. */
import { AB, anchor, type Case, control, egress, oneFile, type Place, policyText } from './case.ts';

function values({ namespace }: Place, name: string, data: Readonly<Record<string, string>>): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });
}

/** With a ConfigMap in a folder that another Kustomization applies first. */
const withValues =
  (data: Readonly<Record<string, string>>, names: readonly string[]): Case['files'] =>
  (place) => ({
    'policies/policy.yaml': policyText({ ...place, names }),
    ...anchor(place),
    'values/values.yaml': values(place, `${place.name}-values`, data),
  });

const fromValues = ({ name }: Place): object => ({
  postBuild: {
    substitute: { domain: 'vendor.example' },
    substituteFrom: [
      { kind: 'ConfigMap', name: `${name}-values` },
      { kind: 'Secret', name: `${name}-tokens`, optional: true },
      { kind: 'ConfigMap', name: `${name}-more`, optional: true },
    ],
  },
});

const ofVariables: readonly Case[] = [
  {
    name: 'variables',
    title: 'postBuild.substituteFrom of a ConfigMap that may be missing comes to be',
    spec: ({ name }) => ({
      postBuild: {
        substitute: { domain: 'vendor.example' },
        substituteFrom: [{ kind: 'ConfigMap', name: `${name}-more`, optional: true }],
      },
    }),
    files: (place) => oneFile(place, { names: ['${host:=api}.${domain}'] }),
    event: ({ create }, place) => create(values(place, `${place.name}-more`, { host: 'files' })),
    expect: [{ outcome: 'reverted', says: /it differs from Git/, names: ['files.vendor.example'] }],
  },
  {
    name: 'variables-secret',
    title: 'postBuild.substituteFrom of a ConfigMap, then of a Secret, which may set it again',
    spec: fromValues,
    beside: () => ({ 'variables-secret-values': { path: './values' } }),
    files: withValues({ host: 'api' }, ['${host}.${domain}']),
    event: () => undefined,
    expect: [
      {
        outcome: 'not_checked',
        seen: 'unchanged',
        says: /the value of \$\{host\} may come from Secret variables-secret-tokens .*which is not read/,
        why: 'Secrets are not read',
      },
    ],
  },
  {
    name: 'variables-removed',
    title: 'postBuild.substituteFrom in the name of a policy, removed from Git and one added',
    spec: ({ name }) => ({ postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: `${name}-values` }] } }),
    beside: () => ({ 'variables-removed-values': { path: './values' } }),
    files: withValues({ team: 'shop' }, ['api.vendor.example']),
    event: ({ commit }, { namespace }) =>
      commit({
        'policies/policy.yaml': null,
        'policies/more.yaml': policyText({ name: '${team}-variables-more', namespace }),
      }),
    expect: [{ outcome: 'pruned' }, { policy: 'shop-variables-more', outcome: 'created' }],
  },
];

const COMPONENT = `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: { kind: CiliumNetworkPolicy }
    patch: |
      - op: add
        path: /spec/egress/0/toFQDNs/-
        value: { matchName: files.vendor.example }
`;

const ofComponents: readonly Case[] = [
  {
    name: 'components',
    title: 'spec.components of the Kustomization change the policy, manual edit to what the file says',
    spec: () => ({ components: ['../more', '../none'], ignoreMissingComponents: true }),
    files: (place) => ({ ...oneFile(place), ...anchor(place), 'more/kustomization.yaml': COMPONENT }),
    event: ({ edit }) => edit({ spec: { egress: egress(['api.vendor.example']) } }),
    expect: [{ outcome: 'reverted' }],
  },
];

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch'];

/** Without the right to delete, Flux cannot finalize what is being deleted, and tries again. */
function role({ name, namespace }: Place, verbs: readonly string[]): string {
  const rules = [
    { apiGroups: [''], resources: ['configmaps'], verbs },
    { apiGroups: ['cilium.io'], resources: ['ciliumnetworkpolicies'], verbs },
  ];
  return JSON.stringify({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name, namespace },
    rules,
  });
}

function account(place: Place): string {
  const metadata = { name: place.name, namespace: place.namespace };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: place.name };
  const subjects = [{ kind: 'ServiceAccount', ...metadata }];
  return [
    JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }),
    role(place, [...VERBS, 'delete']),
    JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef, subjects }),
  ].join('\n---\n');
}

const ofDeletion: readonly Case[] = [
  {
    name: 'deleted-itself',
    title: 'the Kustomization is deleted, and waits until it may delete what it applied',
    spec: ({ name }) => ({ serviceAccountName: name }),
    // It sets the Role back before the Kustomization's turn comes.
    beside: () => ({ 'deleted-itself-account': { path: './account' } }),
    files: (place) => ({
      'policies/policy.yaml': policyText(place),
      'policies/spared.yaml': policyText({
        ...place,
        name: 'deleted-itself-spared',
        annotations: control('prune', 'disabled'),
      }),
      'account/account.yaml': account(place),
    }),
    event: async ({ kubectlApply, edit, deleteKustomization }, place) => {
      await kubectlApply(role(place, VERBS));
      await edit({ spec: { egress: egress(AB) } });
      await deleteKustomization();
    },
    isDeletedItself: true,
    expect: [
      { outcome: 'pruned', says: /its finalizer deletes .*if account deleted-itself is still there/ },
      { policy: 'deleted-itself-spared', outcome: 'kept', says: /prune: disabled/ },
    ],
  },
];

export const buildCases: readonly Case[] = [...ofVariables, ...ofComponents, ...ofDeletion];

/** Label selectors of all kinds of policies, biased to keys that pods and namespaces of the worlds carry. */
import type { Random } from './random.ts';

type Selector = Record<string, unknown>;

const POD_KEYS: readonly (readonly [string, readonly string[]])[] = [
  ['app', ['cart', 'web', 'api', 'db', 'job']],
  ['tier', ['front', 'back', '']],
  ['app.kubernetes.io/name', ['cart', 'db']],
  ['version', ['v1', 'v2']],
  ['k8s-app', ['kube-dns']],
  ['team', ['shop', 'pay']],
];
const DROPPED_KEYS: readonly (readonly [string, readonly string[]])[] = [
  ['pod-template-hash', ['6d4cf56db6']],
  ['statefulset.kubernetes.io/pod-name', ['db-0']],
  ['topology.kubernetes.io/zone', ['a']],
  ['controller-uid', ['1']],
  ['vendor.example/io.kubernetes', ['x']],
];
const NAMESPACE_KEYS: readonly (readonly [string, readonly string[]])[] = [
  ['team', ['shop', 'pay']],
  ['env', ['prod', 'system']],
  ['kubernetes.io/metadata.name', ['shop', 'pay', 'kube-system']],
  ['pod-security.kubernetes.io/enforce', ['baseline']],
];
const SCOPE = 'io.kubernetes.pod.namespace';
const SPACES = ['shop', 'pay', 'default', 'kube-system'];
const SPACE_LABELS = 'io.cilium.k8s.namespace.labels.';

type Keys = readonly (readonly [string, readonly string[]])[];

/** A selector as Kubernetes' own policies write it. */
export function plainSelector(random: Random, of: 'pods' | 'namespaces'): Selector {
  const keys = of === 'pods' ? [...POD_KEYS, random.pick(DROPPED_KEYS)] : NAMESPACE_KEYS;
  if (random.chance(0.25)) return {};
  return build(random, keys, (key) => key, false);
}

/** A selector of Cilium's policies: with sources, reserved labels and namespace labels among the keys. */
export function ciliumSelector(random: Random): Selector {
  return random.weighted<() => Selector>([
    [2, () => ({})],
    [6, () => build(random, POD_KEYS, (key) => sourced(random, key))],
    [1, () => build(random, DROPPED_KEYS, (key) => sourced(random, key))],
    [3, () => withScope(random)],
    [2, () => build(random, NAMESPACE_KEYS, (key) => sourced(random, SPACE_LABELS + key))],
    [1, () => reserved(random)],
    [
      1,
      () => ({
        matchLabels: { [sourced(random, 'io.cilium.k8s.policy.cluster')]: random.pick(['default', 'east', 'other']) },
      }),
    ],
    [
      1,
      () => ({
        matchLabels: { [sourced(random, 'io.cilium.k8s.policy.serviceaccount')]: random.pick(['default', 'robot']) },
      }),
    ],
  ])();
}

/** The subject of a policy: mostly one that a subject pod has. */
export function subjectSelector(random: Random): Selector {
  return random.weighted<() => Selector>([
    [5, () => ({})],
    [5, () => ({ matchLabels: { [sourced(random, 'app')]: random.pick(['cart', 'cart', 'web', 'api']) } })],
    [2, () => ciliumSelector(random)],
  ])();
}

function withScope(random: Random): Selector {
  const key = sourced(random, SCOPE);
  const base = random.chance(0.5) ? build(random, POD_KEYS, (one) => one) : {};
  return random.weighted<() => Selector>([
    [4, () => ({ ...base, matchLabels: { ...(base['matchLabels'] as object), [key]: random.pick(SPACES) } })],
    [1, () => ({ ...base, matchExpressions: [{ key, operator: 'Exists' }] })],
    [1, () => ({ ...base, matchExpressions: [{ key, operator: 'In', values: random.some(SPACES, 1, 3) }] })],
    [1, () => ({ ...base, matchExpressions: [{ key, operator: 'NotIn', values: random.some(SPACES, 1, 2) }] })],
    [1, () => ({ ...base, matchExpressions: [{ key, operator: 'DoesNotExist' }] })],
  ])();
}

function reserved(random: Random): Selector {
  const name = random.pick([
    'world',
    'host',
    'remote-node',
    'kube-apiserver',
    'world-ipv4',
    'health',
    'all',
    'unmanaged',
  ]);
  const key = `reserved${random.pick([':', '.', ':', ':'])}${name}`;
  if (random.chance(0.7)) return { matchLabels: { [key]: '' } };
  return { matchExpressions: [{ key, operator: random.pick(['Exists', 'DoesNotExist']) }] };
}

function sourced(random: Random, key: string): string {
  return random.weighted([
    [5, key],
    [3, `k8s:${key}`],
    [1, `any:${key}`],
    [0.3, `node:${key}`],
    [0.2, `k8s.${key}`],
    [0.2, `any.${key}`],
  ]);
}

// oxlint-disable-next-line max-params -- what to choose from, and how
function build(random: Random, keys: Keys, name: (key: string) => string, faulty = true): Selector {
  const chosen = random.some(keys, 1, random.chance(0.7) ? 1 : 2);
  const selector: { matchLabels?: Record<string, string>; matchExpressions?: unknown[] } = {};
  for (const [key, values] of chosen) {
    if (random.chance(0.6)) selector.matchLabels = { ...selector.matchLabels, [name(key)]: random.pick(values) };
    else
      selector.matchExpressions = [
        ...(selector.matchExpressions ?? []),
        expression(random, { key: name(key), values, faulty }),
      ];
  }
  return selector;
}

interface Choice {
  readonly key: string;
  readonly values: readonly string[];
  /** Now and then refused by Cilium; the API server would not store such a Kubernetes policy. */
  readonly faulty: boolean;
}

function expression(random: Random, { key, values, faulty }: Choice): unknown {
  const operator = random.pick(['In', 'In', 'NotIn', 'NotIn', 'Exists', 'DoesNotExist']);
  if (operator === 'Exists' || operator === 'DoesNotExist') return { key, operator };
  return { key, operator, values: random.some(values, faulty && random.chance(0.03) ? 0 : 1, 2) };
}

/** Security-relevant labels as the engine sees them (policy-semantics §3.1); selectors and identities are built on them. */
import type { Namespace, Pod } from '../../model/workload.ts';
import type { EngineSettings } from '../engine/settings.ts';

export const NAMESPACE_KEY = 'io.kubernetes.pod.namespace';
export const NAMESPACE_LABELS_PREFIX = 'io.cilium.k8s.namespace.labels.';
export const CLUSTER_KEY = 'io.cilium.k8s.policy.cluster';
export const SERVICE_ACCOUNT_KEY = 'io.cilium.k8s.policy.serviceaccount';

export type LabelLookup = Pick<ReadonlyMap<string, string>, 'get' | 'has'>;

/** Labels by source (`k8s`, `reserved`, `node`). */
export interface LabelSet {
  readonly sources: ReadonlyMap<string, LabelLookup>;
  /** False when the labels of the pod's namespace are not in the state. */
  readonly namespaceLabelsKnown: boolean;
}

/** What selectors of nodes see of a node, where they are on. */
interface NodeLabels {
  readonly labels: Readonly<Record<string, string>>;
  readonly cluster: string;
}

export function reservedLabels(names: readonly string[], node?: NodeLabels): LabelSet {
  const sources = new Map([['reserved', new Map(names.map((name) => [name, '']))]]);
  if (node) {
    sources.set('node', new Map(Object.entries(node.labels)));
    sources.set('k8s', new Map([[CLUSTER_KEY, node.cluster]]));
  }
  return { sources, namespaceLabelsKnown: true };
}

/** What the labels of all pods of a namespace have in common; made once a namespace. */
export interface NamespaceLabels {
  readonly name: string;
  readonly known: boolean;
  /** With the prefix that identities give them. */
  readonly labels: LabelLookup;
}

export function namespaceLabels(
  name: string,
  namespace: Namespace | undefined,
  keeps: (key: string) => boolean,
): NamespaceLabels {
  // The API server labels every namespace with its own name, whatever a manifest says.
  const all = { ...namespace?.meta.labels, 'kubernetes.io/metadata.name': name };
  const prefixed = Object.entries(all).map(([key, value]) => [NAMESPACE_LABELS_PREFIX + key, value] as const);
  return { name, known: namespace !== undefined, labels: new Map(prefixed.filter(([key]) => keeps(key))) };
}

/**
 * The pod's identity labels: filtered for Cilium, whole for engines that read pod labels directly. A view, not a copy: a fleet
 * has a hundred thousand pods and each is asked for two or three labels.
 */
export function podLabels(
  pod: Pod,
  namespace: NamespaceLabels,
  { clusterName, keeps }: { readonly clusterName: string; readonly keeps: (key: string) => boolean },
): LabelSet {
  const { labels } = pod.meta;
  const get = (key: string): string | undefined => {
    if (key === NAMESPACE_KEY) return namespace.name;
    if (key === CLUSTER_KEY) return clusterName;
    if (key === SERVICE_ACCOUNT_KEY) return pod.serviceAccount;
    const own = Object.hasOwn(labels, key) && keeps(key) ? labels[key] : undefined;
    return namespace.labels.get(key) ?? own;
  };
  const lookup = { get, has: (key: string) => get(key) !== undefined };
  return { sources: new Map([['k8s', lookup]]), namespaceLabelsKnown: namespace.known };
}

interface Prefix {
  readonly ignore: boolean;
  readonly pattern: RegExp;
}

// Cilium's defaults as of 1.19; an include and an exclude may both match, then the include wins only if longer.
const DEFAULTS = [
  'io\\.kubernetes\\.pod\\.namespace',
  'io\\.cilium\\.k8s\\.namespace\\.labels',
  'app\\.kubernetes\\.io',
  'io\\.cilium\\.k8s\\.policy\\.cluster',
  'io\\.cilium\\.k8s\\.policy\\.serviceaccount',
  '!io\\.kubernetes',
  '!kubernetes\\.io',
  '!statefulset\\.kubernetes\\.io/pod-name',
  '!apps\\.kubernetes\\.io/pod-index',
  '!batch\\.kubernetes\\.io/job-completion-index',
  '!batch\\.kubernetes\\.io/controller-uid',
  '!.*beta\\.kubernetes\\.io',
  '!k8s\\.io',
  '!pod-template-generation',
  '!pod-template-hash',
  '!controller-revision-hash',
  '!controller-uid',
  '!annotation.*',
  '!etcd_node',
];

/** A predicate: does a pod label with this key become part of the identity? Answers are kept: clusters repeat their keys. */
export function labelFilter(settings: EngineSettings): (key: string) => boolean {
  if (!settings.cilium) return () => true;
  const topology = settings.minor >= 19 ? ['!topology\\.kubernetes\\.io'] : [];
  const own = settings.labelPatterns.flatMap(ownPattern);
  const prefixes = [...[...DEFAULTS, ...topology].map(toPrefix), ...own];
  const allowList = settings.labelPatterns.some((text) => !/^([^:]*:)?!/.test(text));
  const known = new Map<string, boolean>();
  return (key) => {
    let answer = known.get(key);
    if (answer === undefined) {
      answer = accepts(key, prefixes, allowList);
      known.set(key, answer);
    }
    return answer;
  };
}

function ownPattern(text: string): Prefix[] {
  const colon = text.indexOf(':');
  const source = colon === -1 ? '' : text.slice(0, colon);
  if (source !== '' && source !== 'k8s') return [];
  try {
    return [toPrefix(text.slice(colon + 1))];
  } catch {
    // A pattern that is no valid regular expression stops the agent at start; nothing runs with it.
    return [];
  }
}

function toPrefix(text: string): Prefix {
  const ignore = text.startsWith('!');
  return { ignore, pattern: new RegExp(`^(?:${ignore ? text.slice(1) : text})`) };
}

function accepts(key: string, prefixes: readonly Prefix[], allowList: boolean): boolean {
  let included = 0;
  let ignored = 0;
  for (const { ignore, pattern } of prefixes) {
    const length = pattern.exec(key)?.[0].length ?? 0;
    if (length === 0) continue;
    if (ignore) ignored = ignored === 0 ? length : Math.min(ignored, length);
    else included = Math.max(included, length);
  }
  return (!allowList && ignored === 0) || included > ignored;
}

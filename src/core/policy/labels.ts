/** Security-relevant labels as the engine sees them (policy-semantics §3.1); selectors and identities are built on them. */
import type { Namespace, Pod } from '../model/workload.ts';
import type { EngineSettings } from './engine.ts';

export const NAMESPACE_KEY = 'io.kubernetes.pod.namespace';
export const NAMESPACE_LABELS_PREFIX = 'io.cilium.k8s.namespace.labels.';
export const CLUSTER_KEY = 'io.cilium.k8s.policy.cluster';
const SERVICE_ACCOUNT_KEY = 'io.cilium.k8s.policy.serviceaccount';

/** Labels by source (`k8s`, `reserved`, `node`). */
export interface LabelSet {
  readonly sources: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** False when the labels of the pod's namespace are not in the state. */
  readonly namespaceLabelsKnown: boolean;
}

export function reservedLabels(names: readonly string[], node?: Readonly<Record<string, string>>): LabelSet {
  const sources = new Map([['reserved', new Map(names.map((name) => [name, '']))]]);
  if (node) sources.set('node', new Map(Object.entries(node)));
  return { sources, namespaceLabelsKnown: true };
}

/** The pod's identity labels: filtered for Cilium, whole for engines that read pod labels directly. */
export function podLabels(
  pod: Pod,
  namespace: Namespace | undefined,
  { clusterName, keeps }: { readonly clusterName: string; readonly keeps: (key: string) => boolean },
): LabelSet {
  const name = pod.meta.namespace ?? 'default';
  const labels = new Map<string, string>();
  for (const [key, value] of Object.entries(pod.meta.labels)) if (keeps(key)) labels.set(key, value);
  // The API server labels every namespace with its own name, whatever a manifest says.
  const namespaceLabels = { ...namespace?.meta.labels, 'kubernetes.io/metadata.name': name };
  for (const [key, value] of Object.entries(namespaceLabels)) {
    const full = NAMESPACE_LABELS_PREFIX + key;
    if (keeps(full)) labels.set(full, value);
  }
  labels.set(NAMESPACE_KEY, name);
  labels.set(CLUSTER_KEY, clusterName);
  labels.set(SERVICE_ACCOUNT_KEY, pod.serviceAccount);
  return { sources: new Map([['k8s', labels]]), namespaceLabelsKnown: namespace !== undefined };
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

/** What a case of the suite is: a repository and a Kustomization of its own, what is done to them, and what is foretold of its policies. */
import type { SyncForecast } from '../../../src/core/model/sync.ts';
import type { Files } from '../support/lab-git.ts';

export type Outcome = SyncForecast['outcome'];

/** What a look at the object after the reconciliation shows, against the look before. */
export type Seen = 'unchanged' | 'as in Git' | 'deleted' | 'being deleted' | 'created' | 'changed otherwise';

export interface Expected {
  /** Name of the policy; the case's own where it is left out. */
  readonly policy?: string;
  /** `silent`: the answer does not name it, since there is nothing of it on either side. */
  readonly outcome: Outcome | 'silent';
  /** What the reconciliation does: for `not_checked` and `silent`, where no outcome says it. */
  readonly seen?: Seen;
  /** Names that Git lists for it once its variables are replaced. */
  readonly names?: readonly string[];
  /** What the forecast's reason must say. */
  readonly says?: RegExp;
  /** Why the state cannot tell; only for `not_checked`. */
  readonly why?: string;
}

export interface Place {
  readonly name: string;
  readonly namespace: string;
}

export interface Edit {
  /** Field manager; that of `kubectl edit` where it is left out. */
  readonly manager?: string;
  readonly policy?: string;
  readonly kind?: PolicyKind;
  readonly metadata?: object;
  readonly spec?: object;
}

export interface Hands {
  /** A merge patch of a live policy. */
  readonly edit: (edit: Edit) => Promise<void>;
  /** `kubectl apply`, client-side, with the lab's own kubectl. */
  readonly kubectlApply: (text: string) => Promise<void>;
  /** A new object, by another manager than kubectl. */
  readonly create: (text: string, manager?: string) => Promise<void>;
  readonly remove: (policy?: string, kind?: PolicyKind) => Promise<void>;
  /** On `main`, which Flux has not fetched when the question is asked. */
  readonly commit: (files: Files) => void;
  readonly kustomization: (change: object, name?: string) => Promise<void>;
  /** Its finalizers may hold it. */
  readonly deleteKustomization: () => Promise<void>;
  readonly source: (change: object) => Promise<void>;
  /** Fetches and applies what was committed, as far as that succeeds. */
  readonly sync: (kustomization?: string) => Promise<void>;
}

export interface Case {
  readonly name: string;
  readonly title: string;
  /** Of the Kustomization's spec; it prunes and applies ./policies where nothing is said. */
  readonly spec?: (place: Place) => object;
  /** Names of more Kustomizations of the case, each with its spec; they are reconciled in this order before the case's own. */
  readonly beside?: (place: Place) => Readonly<Record<string, object>>;
  readonly files: (place: Place) => Files;
  /** The first reconciliation does not succeed. */
  readonly failsAtFirst?: boolean;
  readonly event: (hands: Hands, place: Place) => Promise<void> | void;
  /** The event deletes the Kustomization: the reconciliation ends with its end. */
  readonly isDeletedItself?: boolean;
  /** Folder that the question names; that of the Kustomization where it is left out. */
  readonly path?: string;
  /** Asked of the commit that Flux has, by its id, instead of `main`. */
  readonly atFirstCommit?: boolean;
  readonly expect: readonly Expected[];
}

export const A: readonly string[] = ['api.vendor.example'];
export const AB: readonly string[] = ['api.vendor.example', 'files.vendor.example'];

export function egress(names: readonly string[]): readonly object[] {
  const ports = [{ port: '443', protocol: 'TCP' }];
  return [{ toFQDNs: names.map((matchName) => ({ matchName })), toPorts: [{ ports }] }];
}

export type PolicyKind = 'CiliumNetworkPolicy' | 'CiliumClusterwideNetworkPolicy' | 'NetworkPolicy';

export const VERSIONS: Readonly<Record<PolicyKind, string>> = {
  CiliumNetworkPolicy: 'cilium.io/v2',
  CiliumClusterwideNetworkPolicy: 'cilium.io/v2',
  NetworkPolicy: 'networking.k8s.io/v1',
};

export interface PolicyText {
  readonly name: string;
  /** Absent: the document names none. */
  readonly namespace?: string | undefined;
  readonly names?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** More of the spec. */
  readonly spec?: object;
}

/** JSON, which is YAML too. */
export function policyText({ name, namespace, names = A, labels, annotations, spec }: PolicyText): string {
  return JSON.stringify({
    apiVersion: VERSIONS.CiliumNetworkPolicy,
    kind: 'CiliumNetworkPolicy',
    metadata: { name, ...(namespace && { namespace }), ...(labels && { labels }), ...(annotations && { annotations }) },
    spec: { endpointSelector: { matchLabels: { app: name } }, egress: egress(names), ...spec },
  });
}

/** Of the whole cluster; it selects no pod. */
export function clusterwideText(name: string): string {
  const { metadata: _metadata, ...rest } = JSON.parse(policyText({ name }));
  return JSON.stringify({ ...rest, kind: 'CiliumClusterwideNetworkPolicy', metadata: { name } });
}

/** Without the namespace where the kind has none. */
export function metadataOf(kind: PolicyKind, { name, namespace }: Place): { name: string; namespace?: string } {
  return kind === 'CiliumClusterwideNetworkPolicy' ? { name } : { name, namespace };
}

/** With all that the API server would fill in. */
export function networkPolicyText({ name, namespace }: Place, cidr = '203.0.113.10/32'): string {
  const ports = [{ protocol: 'TCP', port: 443 }];
  return JSON.stringify({
    apiVersion: VERSIONS.NetworkPolicy,
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: { podSelector: { matchLabels: { app: name } }, policyTypes: ['Egress'], egress: [egressTo(cidr, ports)] },
  });
}

export function egressTo(cidr: string, ports: readonly object[]): object {
  return { to: [{ ipBlock: { cidr } }], ports };
}

/** Keeps the last policy of a folder from being all that there is. */
export function anchor({ name, namespace }: Place): Files {
  const metadata = { name: `${name}-anchor`, namespace };
  return {
    'policies/anchor.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' } }),
  };
}

export type More = Omit<PolicyText, 'name' | 'namespace'>;

export const oneFile = (place: Place, more: More = {}): Files => ({
  'policies/policy.yaml': policyText({ ...place, ...more }),
});

export const usual =
  (more: More = {}) =>
  (place: Place): Files => ({ ...oneFile(place, more), ...anchor(place) });

export const edited: Case['event'] = ({ edit }) => edit({ spec: { egress: egress(AB) } });
export const removed: Case['event'] = ({ commit }) => commit({ 'policies/policy.yaml': null });

const FLUX = 'kustomize.toolkit.fluxcd.io';
export const fluxLabels = ({ name, namespace }: Place): Readonly<Record<string, string>> => ({
  [`${FLUX}/name`]: name,
  [`${FLUX}/namespace`]: namespace,
});
export const control = (key: 'prune' | 'reconcile' | 'ssa', value: string): Readonly<Record<string, string>> => ({
  [`${FLUX}/${key}`]: value,
});

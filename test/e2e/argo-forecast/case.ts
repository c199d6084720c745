/** What a case of the suite is: an Application with a branch of its own, what is done to it, and what is foretold of its policies. */
import type { SyncForecast } from '../../../src/core/model/sync.ts';
import type { Files } from './repository.ts';

export type Outcome = SyncForecast['outcome'];

/** What a look at the object shows, against the look before. */
export type Seen = 'unchanged' | 'as in Git' | 'deleted' | 'created' | 'changed otherwise';

export interface Expected {
  /** Name of the policy; the case's own where it is left out. */
  readonly policy?: string;
  /** `silent`: the answer does not name it, since there is nothing of it on either side. */
  readonly outcome: Outcome | 'silent';
  /** What the sync does: for `not_checked` and `silent`, where no outcome says it. */
  readonly seen?: Seen;
  /** It comes with a later commit alone, or that brings something else than the sync. */
  readonly later?: Seen;
  /** Why the state cannot tell; only for `not_checked`. */
  readonly why?: string;
}

export interface Place {
  readonly name: string;
  readonly namespace: string;
}

const VERSIONS = {
  CiliumNetworkPolicy: 'cilium.io/v2',
  CiliumClusterwideNetworkPolicy: 'cilium.io/v2',
  NetworkPolicy: 'networking.k8s.io/v1',
} as const;
export type Kind = keyof typeof VERSIONS;

/** The one case that is about the whole cluster; its policy selects no pod. */
export const EVERYWHERE = 'argo-everywhere';

/** A policy as the API server is asked for it. */
export function named(kind: Kind, { name, namespace }: Place) {
  const metadata = kind === 'CiliumClusterwideNetworkPolicy' ? { name } : { name, namespace };
  return { apiVersion: VERSIONS[kind], kind, metadata };
}

export interface Hands {
  /** Sets the names that a live policy lets out, as `kubectl edit` does. */
  readonly edit: (names: readonly string[], policy?: string) => Promise<void>;
  /** A merge patch of a live policy's spec. */
  readonly write: (spec: object) => Promise<void>;
  readonly create: (policy: PolicyText) => Promise<void>;
  readonly remove: () => Promise<void>;
  readonly commit: (files: Files) => void;
  /** A branch of another Application. */
  readonly commitTo: (branch: string, files: Files) => void;
  readonly project: (name: string, spec: object) => Promise<void>;
  /** One more, automated, for a branch of its own name. */
  readonly application: (name: string, place: Place) => Promise<void>;
  /** Deletes the case's own, with this finalizer; what `held` makes keeps it waiting. */
  readonly deleteItself: (finalizer: string) => Promise<void>;
}

export interface Case {
  readonly name: string;
  readonly title: string;
  readonly kind?: Kind;
  /** Of the Application's spec; automated with prune and self-heal where nothing is said. */
  readonly automated?: { readonly [option: string]: boolean } | 'off';
  readonly syncOptions?: readonly string[];
  readonly ignoreDifferences?: readonly object[];
  readonly directory?: object;
  readonly project?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Failed syncs are tried again, as they are by default; here much later. */
  readonly retries?: true;
  /** After the first sync it is told to be left alone (skip-reconcile). */
  readonly frozen?: boolean;
  readonly files: (place: Place) => Files;
  /** What happens once it has synced. */
  readonly event: (hands: Hands, place: Place) => Promise<void> | void;
  /** The event deletes the Application, which waits for a held object of its own; that is let go instead of a sync. */
  readonly isDeletedItself?: true;
  /** Argo CD has not looked at Git when the question is asked. */
  readonly unseen?: boolean;
  /** Folder that the question names; that of the Application where it is left out. */
  readonly path?: string;
  /** The later commit changes a file outside of the Application's folder. */
  readonly elsewhere?: true;
  /** Further Applications that the event makes. */
  readonly others?: readonly string[];
  readonly expect: readonly Expected[];
}

export const A: readonly string[] = ['api.vendor.example'];
export const AB: readonly string[] = ['api.vendor.example', 'files.vendor.example'];

export interface PolicyText {
  readonly name: string;
  readonly namespace: string;
  readonly names?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** More of the spec. */
  readonly spec?: object;
}

export function egress(names: readonly string[]): readonly object[] {
  const ports = [{ port: '443', protocol: 'TCP' }];
  return [{ toFQDNs: names.map((matchName) => ({ matchName })), toPorts: [{ ports }] }];
}

/** JSON, which is YAML too. */
export function policyText({ name, namespace, names = A, labels, annotations, spec }: PolicyText): string {
  return JSON.stringify({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) },
    spec: { endpointSelector: { matchLabels: { app: name } }, egress: egress(names), ...spec },
  });
}

/** Keeps the last policy of a folder from being all that there is, and gives a commit something else to change. */
export function anchor({ name, namespace }: Place, value: string): Files {
  const metadata = { name: `${name}-anchor`, namespace };
  return { 'policies/anchor.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value } }) };
}

/** An object that stays when it is deleted. */
export const heldName = ({ name }: Place): string => `${name}-held`;
export function held(place: Place): Files {
  const metadata = { name: heldName(place), namespace: place.namespace, finalizers: ['lab.invalid/hold'] };
  return { 'policies/held.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} }) };
}

export type More = Omit<PolicyText, 'name' | 'namespace'>;

export const oneFile = (place: Place, more: More = {}): Files => ({
  'policies/policy.yaml': policyText({ ...place, ...more }),
});
export const usual =
  (more: More = {}) =>
  (place: Place): Files => ({ ...oneFile(place, more), ...anchor(place, '1') });
export const trackingId = (application: string, { name, namespace }: Place): Readonly<Record<string, string>> => ({
  'argocd.argoproj.io/tracking-id': `${application}:cilium.io/CiliumNetworkPolicy:${namespace}/${name}`,
});

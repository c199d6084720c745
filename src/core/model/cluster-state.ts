/** Everything a policy evaluation may read, with what could not be read stated beside it: absence of evidence is never evidence. */

import type { ObjectMeta } from './object-meta.ts';
import type { AntreaFacts } from './policies/antrea.ts';
import type { NodeClass } from './policies/aws.ts';
import type { CalicoFacts } from './policies/calico.ts';
import type { IstioFacts, LinkerdFacts } from './policies/mesh.ts';
import type { CiliumCidrGroup, Policy, UnsupportedPolicy } from './policy.ts';
import type { Namespace, Node, Pod, Service, ServiceBackend } from './workload.ts';

export const NOT_READ_CODES = [
  'forbidden',
  'not_found',
  'kind_absent',
  'unreachable',
  'timeout',
  'not_in_archive',
  'invalid',
  'refused',
  'unsupported',
  'not_asked',
] as const;

/** Why something was not read. The reason is for people; `code` is for decisions. */
export interface NotRead {
  /** What was wanted, e.g. `ciliumnetworkpolicies in namespace shop`. */
  readonly what: string;
  readonly code: (typeof NOT_READ_CODES)[number];
  readonly reason: string;
  /** What the other side said to it in words of its own (cleaned, never trusted); shown as a quotation, never part of a sentence. */
  readonly said?: string;
  /** The one thing that would make it readable, e.g. the RBAC verb and resource to grant. */
  readonly nextStep?: string;
}

/** The outcome of one read: a value, or the stated reason there is none. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly notRead: NotRead };

export type CniName =
  | 'cilium'
  /** GKE Dataplane V2: Cilium's datapath behind Google's own kinds. */
  | 'gke-dataplane-v2'
  | 'calico'
  | 'antrea'
  | 'ovn-kubernetes'
  | 'openshift-sdn'
  | 'aws-vpc-cni'
  | 'kube-router'
  | 'weave-net'
  | 'azure-npm'
  | 'kube-network-policies'
  | 'kindnet'
  /** kube-router's policy controller inside k3s, flannel as the network. */
  | 'k3s'
  | 'flannel'
  | 'unknown';

/** The engine that enforces policies here, as far as it could be read. */
export interface EngineFacts {
  readonly cni: CniName;
  /** `1.19.5`-style; absent where it could not be read (the evaluator then states its assumption). */
  readonly version?: string;
  /** `.data` of the engine's own ConfigMap; absent where it could not be read. For other settings that the agents or nodes tell, see `core/model/aws-settings.ts` and `core/policy/engine/settings.ts`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Of Calico, by the image: some fields exist in the commercial ones only. */
  readonly edition?: 'open-source' | 'enterprise';
  /** How the engine was recognised, for the evidence. */
  readonly seenBy: string;
}

export interface EngineObject {
  readonly kind: 'Pod' | 'DaemonSet' | 'ConfigMap';
  readonly meta: ObjectMeta;
}

export interface ClusterState {
  readonly engine: EngineFacts;
  readonly namespaces: readonly Namespace[];
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
  readonly services: readonly Service[];
  readonly backends: readonly ServiceBackend[];
  readonly policies: readonly Policy[];
  readonly cidrGroups: readonly CiliumCidrGroup[];
  /** Present where Calico's kinds were read. */
  readonly calico?: CalicoFacts;
  /** Of EKS Auto Mode. */
  readonly nodeClasses?: readonly NodeClass[];
  /** Present where the subject is in that mesh: read for no other pod. */
  readonly istio?: IstioFacts;
  readonly linkerd?: LinkerdFacts;
  /** Present where Antrea's API is served. */
  readonly antrea?: AntreaFacts;
  /** What the engine runs by: its agent's pod on the subject's node, its DaemonSet, its ConfigMap; who wrote them and when. */
  readonly engineObjects?: readonly EngineObject[];
  /** Policies seen but of a kind that is not evaluated. */
  readonly unsupported: readonly UnsupportedPolicy[];
  readonly notRead: readonly NotRead[];
}

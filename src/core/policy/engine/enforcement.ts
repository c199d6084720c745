/** Which engine enforces which kind of policy: a policy nobody enforces does nothing, and saying so is a finding. */
import type { ClusterState, CniName } from '../../model/cluster-state.ts';
import type { AdminPolicy } from '../../model/policies/admin.ts';
import type { Policy } from '../../model/policy.ts';
import { gapFor, gapText } from '../state/gaps.ts';
import { indexOf } from '../state/state-index.ts';
import type { Enforcement } from './enforced.ts';
import { cannotTell, ENFORCED, notEnforced } from './enforced.ts';
import { adminEnforcement } from './enforcement-admin.ts';
import { awsEnforcement } from './enforcement-aws.ts';
import { calicoEnforcement } from './enforcement-calico.ts';
import type { EngineSettings } from './settings.ts';
import { OWN_KINDS } from './settings.ts';

const known = new WeakMap<ClusterState, Map<string, Enforcement>>();

/** Does the cluster's engine take policies of this kind into account at all? */
export function enforcementOf(kind: Policy['kind'], state: ClusterState): Enforcement {
  const answers = known.get(state) ?? new Map<string, Enforcement>();
  if (answers.size === 0) known.set(state, answers);
  const answer = answers.get(kind) ?? unlessBeside(kind, state, judge(kind, state));
  answers.set(kind, answer);
  return answer;
}

/** What the network itself does not enforce, an engine beside it may; not seen where agents could not be read, it is not ruled out. */
function unlessBeside(kind: Policy['kind'], state: ClusterState, answer: Enforcement): Enforcement {
  const owner = OWN_KINDS[kind];
  if (answer.enforced !== 'no' || !SHARED.has(indexOf(state).settings.engine)) return answer;
  if (owner !== undefined && !ADDED.has(owner)) return answer;
  const gap = gapFor(state, 'daemonsets') ?? gapFor(state, 'pods');
  return gap
    ? cannotTell(`${answer.why}; whether another engine beside it does was not seen: ${gapText(gap)}`)
    : answer;
}

/** Networks beside which another engine enforces policies (chaining, policy-only installations), and those engines. */
const SHARED: ReadonlySet<CniName> = new Set(['aws-vpc-cni', 'flannel', 'k3s', 'kindnet']);
const ADDED: ReadonlySet<CniName> = new Set(['cilium', 'calico', 'antrea']);

function judge(kind: Policy['kind'], state: ClusterState): Enforcement {
  const { settings } = indexOf(state);
  if (kind === 'NetworkPolicy')
    return settings.networkPolicies ? networkPolicies(state, settings.engine) : turnedOff(kind);
  if (settings.engine === 'gke-dataplane-v2' && kind === 'CiliumClusterwideNetworkPolicy') return GKE_CLUSTERWIDE;
  if (isAws(kind))
    return settings.engine === 'aws-vpc-cni' ? awsEnforcement(kind, state) : foreign(kind, settings.engine);
  if (isAdmin(kind)) return adminEnforcement(kind, state);
  if (kind.endsWith('.projectcalico.org')) return calicoEnforcement(state, settings.engine);
  if (settings.engine !== OWN_KINDS[kind]) return foreign(kind, settings.engine);
  return switchedOn(kind, settings) ? ENFORCED : turnedOff(kind);
}

type AwsKind = 'ApplicationNetworkPolicy' | 'ClusterNetworkPolicy.networking.k8s.aws';

function isAws(kind: Policy['kind']): kind is AwsKind {
  return kind === 'ApplicationNetworkPolicy' || kind === 'ClusterNetworkPolicy.networking.k8s.aws';
}

function isAdmin(kind: Policy['kind']): kind is Exclude<AdminPolicy['kind'], AwsKind> {
  return (
    kind === 'AdminNetworkPolicy' ||
    kind === 'BaselineAdminNetworkPolicy' ||
    kind === 'ClusterNetworkPolicy.policy.networking.k8s.io'
  );
}

function switchedOn(kind: Policy['kind'], settings: EngineSettings): boolean {
  if (kind === 'CiliumNetworkPolicy') return settings.namespacedPolicies;
  return kind !== 'CiliumClusterwideNetworkPolicy' || settings.clusterwidePolicies;
}

function turnedOff(kind: string): Enforcement {
  return notEnforced(`Cilium's configuration turns ${kind} off`);
}

function foreign(kind: string, engine: CniName): Enforcement {
  if (engine === 'unknown') return cannotTell('the network plugin was not recognised');
  return notEnforced(`the network plugin (${engine}) does not enforce ${kind}`);
}

/** cloud.google.com/kubernetes-engine/docs/how-to/configure-cilium-network-policy: CiliumNetworkPolicy is not supported at all. */
const GKE_CLUSTERWIDE = cannotTell(
  'GKE enforces CiliumClusterwideNetworkPolicy only in clusters created with it enabled, which was not read',
);

/** Whoever is not named here enforces them, or is not known and taken to (`explain/assumptions.ts` says so). */
function networkPolicies(state: ClusterState, name: CniName): Enforcement {
  const { engine } = state;
  if (name === 'flannel') return NOBODY;
  if (name === 'k3s') return embedded(engine.config);
  if (name === 'aws-vpc-cni') return awsEnforcement('NetworkPolicy', state);
  if (name === 'kindnet') return kindnet(engine.version);
  if (name === 'openshift-sdn') return OPENSHIFT_SDN;
  return ENFORCED;
}

/** flannel-io/flannel README, "Networking details": policies are for another project to enforce. */
const NOBODY = notEnforced(
  'flannel does not enforce NetworkPolicy, and no enforcer was seen beside it (Calico, kube-router, kube-network-policies)',
);

/** docs.k3s.io networking-services: on, unless the servers run with --disable-network-policy. */
function embedded(config: ClusterState['engine']['config']): Enforcement {
  const off = config?.['disable-network-policy'];
  if (off === 'false') return ENFORCED;
  if (off === 'true') return notEnforced('the k3s servers run with --disable-network-policy');
  const why = "the k3s servers' arguments were not read, and --disable-network-policy may be among them";
  return cannotTell(why);
}

/** kindnetd since kind v0.24 (kubernetes-sigs/kind#842, images from 2024-07-30 on); its successor kindnet since 1.3 (minikube#19871). */
function kindnet(version: string | undefined): Enforcement {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (major >= 20240730 || (major === 1 && minor >= 3)) return ENFORCED;
  if (major === 1 || (major > 1 && major < 20240514))
    return notEnforced(`kindnet ${version} is older than its support of NetworkPolicy`);
  return cannotTell("kindnet's version was not read, and older ones do not enforce NetworkPolicy");
}

/** Egress came late (OpenShift 4.9 documents it as missing) and only in mode NetworkPolicy (openshift/sdn pkg/network/node/networkpolicy.go). */
const OPENSHIFT_SDN = cannotTell(
  'OpenShift SDN enforces egress rules in newer versions only, and only in its NetworkPolicy mode; neither was read',
);

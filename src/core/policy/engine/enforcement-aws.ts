/** Whether EKS enforces policies here, and what becomes of pods that none selects; asked by `enforcement.ts` and `rules/pod-policy.ts`. */
import { AUTO_MODE, ENFORCING_MODE, NODE_AGENT } from '../../model/aws-settings.ts';
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Policy } from '../../model/policy.ts';
import type { Pod } from '../../model/workload.ts';
import { gapFor, gapText } from '../state/gaps.ts';
import { indexOf } from '../state/state-index.ts';
import type { Tri } from '../tri.ts';
import type { Enforcement } from './enforced.ts';
import { cannotTell, ENFORCED, notEnforced } from './enforced.ts';

const CONTROLLER = 'enable-network-policy-controller';

/** The pod's node belongs to EKS Auto Mode, whose agent is part of the node. */
export function inAutoMode({ engine }: ClusterState): boolean {
  return engine.config?.[AUTO_MODE] === 'true';
}

/**
 * Two switches: the controller in EKS's control plane (amazon-network-policy-controller-k8s pkg/config/configmap_manager.go: off without the
 * ConfigMap) and the agent on the node (aws-network-policy-agent README, `enable-network-policy`, default false).
 */
export function awsEnforcement(kind: Policy['kind'], state: ClusterState): Enforcement {
  const controller = state.engine.config?.[CONTROLLER];
  if (controller !== undefined && controller !== 'true')
    return notEnforced(`EKS's network policy controller is off (ConfigMap kube-system/amazon-vpc-cni, ${CONTROLLER})`);
  const auto = inAutoMode(state);
  const agent = auto ? 'true' : state.engine.config?.[NODE_AGENT];
  if (agent === 'absent')
    return notEnforced('the DaemonSet aws-node has no node agent (the VPC CNI has it from 1.14 on)');
  if (agent === 'false')
    return notEnforced('the DaemonSet aws-node starts its node agent without --enable-network-policy=true');
  if (controller === undefined)
    return cannotTell('the ConfigMap kube-system/amazon-vpc-cni was not read, and policies are off by default');
  if (agent === undefined)
    return cannotTell('the arguments of the DaemonSet aws-node were not read, and policies are off by default');
  return auto ? ENFORCED : onInstances(kind, state.engine.version);
}

/** docs.aws.amazon.com/eks auto-net-pol, cni-network-policy: names in Auto Mode only, administrators' policies from VPC CNI 1.21.1 on. */
function onInstances(kind: Policy['kind'], version: string | undefined): Enforcement {
  if (kind === 'NetworkPolicy') return ENFORCED;
  if (kind === 'ApplicationNetworkPolicy')
    return cannotTell('AWS documents ApplicationNetworkPolicy for EKS Auto Mode only');
  if (version === undefined)
    return cannotTell('the version of the VPC CNI was not read, and it must be 1.21.1 or newer');
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const old = major === 1 && (minor < 21 || (minor === 21 && patch < 1));
  return old ? notEnforced(`VPC CNI ${version} is older than its support of ${kind} (1.21.1)`) : ENFORCED;
}

export interface StandingDefault {
  readonly drops: Tri;
  /** Why what nothing allows is dropped, or why that cannot be told. */
  readonly why: string;
}

const LETS_THROUGH: StandingDefault = { drops: 'no', why: '' };
const NODE_CLASS = 'eks.amazonaws.com/nodeclass';

/** What the agent does with a pod that no policy isolates: NodeClass `networkPolicy` in Auto Mode, else the agent's enforcing mode. */
export function standingDefault(state: ClusterState, pod: Pod): StandingDefault {
  const { settings, nodesByName } = indexOf(state);
  if (settings.engine !== 'aws-vpc-cni') return LETS_THROUGH;
  if (awsEnforcement('NetworkPolicy', state).enforced === 'no') return LETS_THROUGH;
  const named = nodesByName.get(pod.nodeName ?? '')?.meta.labels[NODE_CLASS];
  if (named !== undefined) return ofNodeClass(state, named);
  const strict = state.engine.config?.[ENFORCING_MODE] === 'strict';
  return strict ? { drops: 'yes', why: "AWS's agent runs in NETWORK_POLICY_ENFORCING_MODE strict" } : LETS_THROUGH;
}

function ofNodeClass(state: ClusterState, name: string): StandingDefault {
  const known = state.nodeClasses?.find(({ meta }) => meta.name === name);
  if (known?.networkPolicy === 'DefaultDeny')
    return { drops: 'yes', why: `NodeClass ${name} sets networkPolicy to DefaultDeny` };
  const gap = known ? undefined : gapFor(state, 'nodeclasses');
  return gap ? { drops: 'unknown', why: `whether NodeClass ${name} denies by default: ${gapText(gap)}` } : LETS_THROUGH;
}

/** Whom Antrea's selectors and groups stand for: pods as requirements, the rest as peers (antrea pkg/controller/networkpolicy/crd_utils.go). */
import type { ClusterState } from '../../../model/cluster-state.ts';
import type { AntreaBlock, AntreaGroup, AntreaName, AntreaSelector } from '../../../model/policies/antrea.ts';
import { parseCidr } from '../../../net/cidr.ts';
import { NAMESPACE_KEY, SERVICE_ACCOUNT_KEY } from '../../identity/labels.ts';
import type { Requirements } from '../../rules/label-selector.ts';
import { equals, exists, inNamespaces, k8sRequirements } from '../../rules/label-selector.ts';
import type { PeerMatch } from '../../rules/rule.ts';
import { gapFor, gapText, lacksInArchive } from '../../state/gaps.ts';
import { indexOf } from '../../state/state-index.ts';
import { nodesMatch } from '../node-selector.ts';

/** Everything that a selector or group takes. */
export interface Members {
  /** Pods, by any of these. */
  readonly pods: readonly Requirements[];
  readonly others: readonly PeerMatch[];
  /** Why it cannot be told. */
  readonly unknown?: string;
}

export interface Scope {
  readonly state: ClusterState;
  /** The policy's namespace; absent for the clusterwide kind, whose selectors reach everywhere. */
  readonly namespace: string | undefined;
}

const NONE: Members = { pods: [], others: [] };

export function membersOf(selector: AntreaSelector, scope: Scope): Members {
  const { group, serviceAccount, nodeSelector } = selector;
  if (group !== undefined) return groupMembers(group, scope);
  if (serviceAccount) return { pods: [accountPods(serviceAccount, scope)], others: [] };
  if (nodeSelector) return { pods: [], others: [nodesMatch(nodeSelector, scope.state)] };
  return selected(selector, scope);
}

function accountPods({ name, namespace }: AntreaName, scope: Scope): Requirements {
  const home = namespace ?? scope.namespace ?? 'default';
  return [equals('k8s', SERVICE_ACCOUNT_KEY, name), equals('k8s', NAMESPACE_KEY, home)];
}

function selected(
  selector: Pick<AntreaSelector, 'podSelector' | 'namespaceSelector' | 'externalEntitySelector'>,
  scope: Scope,
): Members {
  const { podSelector, namespaceSelector, externalEntitySelector } = selector;
  if (externalEntitySelector) return { pods: [], others: [EXTERNAL] };
  const spaces = namespaceSelector
    ? inNamespaces(namespaceSelector)
    : [scope.namespace === undefined ? exists('k8s', NAMESPACE_KEY) : equals('k8s', NAMESPACE_KEY, scope.namespace)];
  return { pods: [[...(podSelector ? k8sRequirements(podSelector) : []), ...spaces]], others: [] };
}

/** Machines outside the cluster that carry labels: which address is whose is not read. */
const EXTERNAL: PeerMatch = {
  kind: 'where',
  test: ({ kind }) =>
    kind === 'world'
      ? { tri: 'unknown', why: 'the addresses of ExternalEntities are not part of the cluster state' }
      : { tri: 'no' },
};

function groupMembers(name: string, scope: Scope): Members {
  const group = scope.state.antrea?.groups.find(({ meta }) => meta.name === name && meta.namespace === scope.namespace);
  if (!group) return missing(name, scope);
  if (group.childGroups.length > 0) return childMembers(group, scope);
  if (group.serviceReference) return serviceMembers(group.serviceReference, scope);
  if (group.ipBlocks.length > 0) return { pods: [], others: group.ipBlocks.map(blockMatch) };
  return group.nodeSelector
    ? { pods: [], others: [nodesMatch(group.nodeSelector, scope.state)] }
    : selected(group, scope);
}

/** A group that does not exist has no members (processRefGroupOrClusterGroup). */
function missing(name: string, { state, namespace }: Scope): Members {
  const kind = namespace === undefined ? 'ClusterGroup' : 'Group';
  const resource = namespace === undefined ? 'antrea-clustergroups' : 'antrea-groups';
  const gap = gapFor(state, resource, namespace);
  if (gap) return { ...NONE, unknown: `${kind} ${name} was not read: ${gapText(gap)}` };
  return lacksInArchive(state, resource, namespace)
    ? { ...NONE, unknown: `the archive does not hold ${kind} ${name}` }
    : NONE;
}

/** Children may have none of their own: that makes the group void (processInternalGroupForRuleAtLevel). */
function childMembers({ childGroups }: AntreaGroup, scope: Scope): Members {
  if (childGroups.some((child) => hasChildren(child, scope))) return NONE;
  const children = childGroups.map((child) => groupMembers(child, scope));
  const unknown = children.find((child) => child.unknown !== undefined)?.unknown;
  return {
    pods: children.flatMap(({ pods }) => pods),
    others: children.flatMap(({ others }) => others),
    ...(unknown !== undefined && { unknown }),
  };
}

function hasChildren(name: string, { state, namespace }: Scope): boolean {
  const groups = state.antrea?.groups ?? [];
  return groups.some(
    ({ meta, childGroups }) => meta.name === name && meta.namespace === namespace && childGroups.length > 0,
  );
}

/** The pods that the Service selects, whatever the port; without a selector it stands for none. */
function serviceMembers({ name, namespace }: AntreaName, scope: Scope): Members {
  const home = namespace ?? scope.namespace ?? 'default';
  const service = indexOf(scope.state).serviceNamed(home, name);
  const gap = service ? undefined : gapFor(scope.state, 'services', home);
  if (gap) return { ...NONE, unknown: `Service ${home}/${name} was not read: ${gapText(gap)}` };
  const selector = Object.entries(service?.selector ?? {});
  if (selector.length === 0) return NONE;
  return {
    pods: [[...selector.map(([key, value]) => equals('k8s', key, value)), equals('k8s', NAMESPACE_KEY, home)]],
    others: [],
  };
}

export function blockMatch({ cidr: text, except }: AntreaBlock): PeerMatch {
  const cidr = parseCidr(text);
  if (!cidr) return { kind: 'unknown', why: `ipBlock "${text}" is not a CIDR` };
  return { kind: 'cidr', cidr, except: except.flatMap((one) => parseCidr(one) ?? []) };
}

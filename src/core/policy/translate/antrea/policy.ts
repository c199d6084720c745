/** Antrea's NetworkPolicy and ClusterNetworkPolicy into the internal rules (policy-semantics §5.4); called by `registry.ts`. */
import type { ClusterState } from '../../../model/cluster-state.ts';
import type { ObjectRef } from '../../../model/object-meta.ts';
import type { AntreaAppliedTo, AntreaPolicy, AntreaRule } from '../../../model/policies/antrea.ts';
import type { Pod } from '../../../model/workload.ts';
import { NAMESPACE_KEY } from '../../identity/labels.ts';
import { equals, matchRequirements } from '../../rules/label-selector.ts';
import type { LayerKey } from '../../rules/layers.ts';
import { BASELINE_POSITION, NORMAL_POSITION } from '../../rules/layers.ts';
import type { L7, PeerSet, PolicyRule, PolicySection, TranslatedPolicy } from '../../rules/rule.ts';
import { NO_L7 } from '../../rules/rule.ts';
import { gapFor, gapText, lacksInArchive } from '../../state/gaps.ts';
import { indexOf } from '../../state/state-index.ts';
import type { Tri } from '../../tri.ts';
import { triAny } from '../../tri.ts';
import type { Members, Scope } from './groups.ts';
import { membersOf } from './groups.ts';
import { peersOf, portSetOf } from './peers.ts';

export function translateAntrea(policy: AntreaPolicy, state: ClusterState): TranslatedPolicy {
  const namespace = policy.kind === 'NetworkPolicy.crd.antrea.io' ? (policy.meta.namespace ?? 'default') : undefined;
  const ref = { kind: policy.kind, ...(namespace !== undefined && { namespace }), name: policy.meta.name };
  const context: Context = { policy, ref, scope: { state, namespace } };
  const tier = tierOf(policy.tier, state);
  const problem = problemOf(policy) ?? foreignGroup(context);
  const base = { policy, ref, layer: tier.layer, order: policy.priority, sections: sectionsOf(context) };
  return {
    ...base,
    valid: problem === undefined,
    invalidReason: problem,
    uncertain: problem ? undefined : tier.unknown,
  };
}

/** What admission refuses and the agent could not realise (pkg/controller/networkpolicy/validate.go). */
function problemOf({ appliedTo, egress }: AntreaPolicy): string | undefined {
  const unknown = egress.find(({ action }) => !(action in EFFECTS))?.action;
  if (unknown !== undefined) return `the API refuses it: "${unknown}" is no action`;
  if (appliedTo.length > 0 || egress.every((rule) => rule.appliedTo.length > 0)) return undefined;
  return 'the API refuses it: appliedTo must be set in the spec or in every rule';
}

/** A Group that takes pods of other namespaces keeps the whole policy off every node (networkpolicy_controller.go, ErrNetworkPolicyAppliedToUnsupportedGroup). */
function foreignGroup({ policy, scope }: Context): string | undefined {
  if (scope.namespace === undefined) return undefined;
  const entries = [...policy.appliedTo, ...policy.egress.flatMap((rule) => rule.appliedTo)];
  const group = entries.find((entry) => entry.group !== undefined && reachesOut(entry, scope))?.group;
  return group === undefined ? undefined : `Antrea realises it nowhere: Group ${group} takes pods of other namespaces`;
}

function reachesOut(entry: AntreaAppliedTo, scope: Scope): boolean {
  const { state, namespace } = scope;
  const { pods } = membersOf(entry, scope);
  const inside = pods.every((one) => one.some(({ key, values }) => key === NAMESPACE_KEY && values[0] === namespace));
  if (inside) return false;
  const others = state.pods.filter(
    ({ meta, hostNetwork }) => !hostNetwork && (meta.namespace ?? 'default') !== namespace,
  );
  return others.some((pod) => pods.some((one) => matchRequirements(one, indexOf(state).labelsOf(pod)) === 'yes'));
}

const EFFECTS = { Allow: 'allow', Drop: 'deny', Reject: 'deny', Pass: 'pass' } as const;

/** docs/antrea-network-policy.md "Static tiers"; a Tier object of the name says the same. */
const STATIC: Readonly<Record<string, number>> = {
  emergency: 50,
  securityops: 100,
  networkops: 150,
  platform: 200,
  application: 250,
  baseline: 253,
};
const DEFAULT_TIER = 'application';
const BASELINE_TIER = 253;

/** A tier that does not exist counts as the default one (crd_utils.go getTierPriority); one that was not read may be the first. */
function tierOf(
  name: string = DEFAULT_TIER,
  state: ClusterState,
): { readonly layer: LayerKey; readonly unknown?: string } {
  const found = state.antrea?.tiers.find(({ meta }) => meta.name === name)?.priority ?? STATIC[name.toLowerCase()];
  if (found !== undefined) return { layer: layerOf(found, name) };
  const unread = unreadTiers(state);
  if (unread === undefined) return { layer: layerOf(STATIC[DEFAULT_TIER] ?? 0, DEFAULT_TIER) };
  return { layer: layerOf(0, name), unknown: `the place of tier "${name}" is not known: ${unread}` };
}

const TIERS = 'antrea-tiers';

function unreadTiers(state: ClusterState): string | undefined {
  const gap = gapFor(state, TIERS);
  if (gap) return gapText(gap);
  return lacksInArchive(state, TIERS) ? 'the archive holds no Tier of that name' : undefined;
}

/** Tiers stand before the Admin tier (251 there), the baseline one before BaselineAdminNetworkPolicy (adminnetworkpolicy.go). */
function layerOf(priority: number, name: string): LayerKey {
  return {
    gate: 'policy',
    position: priority < BASELINE_TIER ? priority : BASELINE_POSITION - BASELINE_TIER + priority - 1,
    name: `Antrea tier "${name}"`,
    mode: 'ordered',
    drops: 'here',
    // "Skips this packet for further Antrea-native policy rule evaluations … and delegates the decision to K8s NetworkPolicies".
    passTo: NORMAL_POSITION,
    ties: 'open',
  };
}

interface Context {
  readonly policy: AntreaPolicy;
  readonly ref: ObjectRef;
  readonly scope: Scope;
}

/** One section for each entry of the spec's `appliedTo`; or one for all where the rules have their own. */
function sectionsOf(context: Context): PolicySection[] {
  const { policy, scope } = context;
  const rules = policy.egress.map((rule, index) => ruleOf(rule, index, context));
  const rulesFor = (pod: Pod) =>
    policy.egress.flatMap((rule, index) => ruleFor(rule, index, { ...context, pod, rules }));
  const shared = { isolates: false, rules, ...(policy.egress.some(dependsOnPod) && { rulesFor }) };
  if (policy.appliedTo.length === 0)
    return [{ path: 'spec', subject: home(scope), where: anyRule(context), ...shared }];
  return policy.appliedTo.flatMap((entry, at) =>
    subjectsOf(entry, `spec.appliedTo[${at}]`, scope).map((head) => ({ ...head, ...shared })),
  );
}

function dependsOnPod(rule: AntreaRule): boolean {
  return rule.appliedTo.length > 0 || isRelative(rule);
}

function isRelative({ to }: AntreaRule): boolean {
  return to.some(({ namespaces }) => namespaces !== undefined);
}

function home({ namespace }: Scope) {
  return namespace === undefined ? [] : [equals('k8s', NAMESPACE_KEY, namespace)];
}

type Head = Pick<PolicySection, 'path' | 'subject' | 'where'>;

function subjectsOf(entry: AntreaAppliedTo, path: string, scope: Scope): Head[] {
  const { pods, unknown } = appliedMembers(entry, scope);
  const known = pods.map((subject): Head => ({ path, subject: [...subject, ...home(scope)] }));
  return unknown === undefined ? known : [...known, { path, subject: home(scope), where: () => 'unknown' }];
}

/** Nodes, Services and addresses are no pods. */
function appliedMembers(entry: AntreaAppliedTo, scope: Scope): Members {
  if (entry.service) return { pods: [], others: [] };
  return membersOf(entry, scope);
}

function anyRule({ policy, scope }: Context): (pod: Pod) => Tri {
  return (pod) => triAny(policy.egress.map((rule) => appliesTo(rule.appliedTo, scope, pod)));
}

function appliesTo(entries: readonly AntreaAppliedTo[], scope: Scope, pod: Pod): Tri {
  const labels = indexOf(scope.state).labelsOf(pod);
  const answers = entries.flatMap((entry) => {
    const { pods, unknown } = appliedMembers(entry, scope);
    return [
      ...pods.map((one) => matchRequirements(one, labels)),
      ...(unknown === undefined ? [] : (['unknown'] as const)),
    ];
  });
  return triAny(answers);
}

interface ForPod extends Context {
  readonly pod: Pod;
  /** As they are for every pod. */
  readonly rules: readonly PolicyRule[];
}

/** The rule as it is for one pod; none where the rule's own `appliedTo` leaves the pod out. */
function ruleFor(rule: AntreaRule, index: number, { scope, pod, rules }: ForPod): PolicyRule[] {
  const shared = rules[index];
  const applies = rule.appliedTo.length === 0 ? 'yes' : appliesTo(rule.appliedTo, scope, pod);
  if (!shared || applies === 'no') return [];
  const peers = isRelative(rule) ? peersOf(rule, shared.path, scope, pod) : shared.peers;
  if (applies === 'unknown') return [{ ...shared, peers: doubted(peers, shared.path) }];
  return [peers === shared.peers ? shared : { ...shared, peers }];
}

function doubted(peers: PeerSet, path: string): PeerSet {
  const doubt = { kind: 'unknown', why: `whom ${path}.appliedTo takes cannot be told from the cluster state` } as const;
  if (peers === 'none') return peers;
  if (peers === 'any') return [{ match: doubt, path, text: 'any destination' }];
  return peers.map((peer) => ({ ...peer, match: { kind: 'all', of: [peer.match, doubt] } }));
}

/** Rules of one place in policies of one priority are equals ("Notes and constraints"); no policy has 100,000 rules. */
const RULES = 100_000;

/** Without a pod: for lists of what a policy has. */
function ruleOf(rule: AntreaRule, index: number, { policy, ref, scope }: Context): PolicyRule {
  const path = `spec.egress[${index}]`;
  const ports = portSetOf(rule);
  return {
    policy: ref,
    effect: EFFECTS[rule.action as keyof typeof EFFECTS] ?? 'allow',
    ...(rule.action === 'Reject' && { rejects: true }),
    path,
    ...(rule.ports.length > 0 && { portsPath: `${path}.ports` }),
    peers: peersOf(rule, path, scope, NO_POD),
    ports,
    l7: l7Of(rule),
    order: policy.priority * RULES + index,
  };
}

const NO_POD: Pod = {
  meta: { name: '', labels: {}, annotations: {}, owners: [], managers: [] },
  phase: '',
  nodeIPs: [],
  podIPs: [],
  hostNetwork: false,
  serviceAccount: '',
  dnsPolicy: '',
  hostAliases: [],
  containers: [],
};

function l7Of({ l7Protocols }: AntreaRule): L7 {
  return l7Protocols.length === 0 ? NO_L7 : { ...NO_L7, other: true };
}

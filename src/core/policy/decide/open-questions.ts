/** Whether something that was not read, or cannot be evaluated, could change an answer; asked by `decide.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Policy, UnsupportedPolicy } from '../../model/policy.ts';
import { enforcementOf } from '../engine/enforcement.ts';
import type { LayerKey } from '../rules/layers.ts';
import { NORMAL_POSITION } from '../rules/layers.ts';
import type { Doubt, PodPolicy } from '../rules/pod-policy.ts';
import { gapFor, gapText } from '../state/gaps.ts';
import { KINDS } from '../translate/registry.ts';

/** What an unread policy would have to do to change the answer. */
type Power = 'may_allow' | 'may_deny' | 'may_isolate' | 'may_overrule';

export interface Question {
  readonly power: Power;
  readonly gate: LayerKey['gate'];
  /** The layer that decided; absent where the packet came to the end of all. */
  readonly layer: LayerKey | undefined;
}

/** The first open question with that power, in words; undefined when the answer stands. */
export function openQuestions(state: ClusterState, policy: PodPolicy, question: Question): string | undefined {
  const namespace = policy.pod.meta.namespace ?? 'default';
  const gap = unreadKinds(state, question)
    .map((kind) => gapFor(state, kind, namespace))
    .find((one) => one !== undefined);
  if (gap) return gapText(gap);
  const doubt = policy.doubts.find((one) => matters(one, question));
  if (doubt !== undefined) return doubt.text;
  // What a firewall denies, no policy can overrule. (Where a deny beats every allow, Cilium enforces, which knows no other kinds.)
  return question.gate === 'policy' ? unsupportedQuestion(state, policy) : undefined;
}

/** Kinds in force here of which an object that was not read could have that power. */
function unreadKinds(state: ClusterState, question: Question): readonly string[] {
  if (state.notRead.length === 0) return [];
  return (Object.keys(KINDS) as Policy['kind'][])
    .filter((kind) => (KINDS[kind].gate ?? 'policy') === question.gate && hasPower(kind, question))
    .filter((kind) => enforcementOf(kind, state).enforced !== 'no')
    .map((kind) => KINDS[kind].resource);
}

/** Where a kind stands towards the layer that decided: only what comes before it, or in it, can change the answer. */
function hasPower(kind: Policy['kind'], { power, layer }: Question): boolean {
  const { joins, allowsOnly } = KINDS[kind];
  if (layer === undefined || joins === 'before') return true;
  const place = Math.sign(layer.position - NORMAL_POSITION);
  if (joins === 'after') return place > 0 || (power === 'may_allow' && layer.drops === 'last');
  return place > 0 || (place === 0 && canChange({ power, layer, allowsOnly: allowsOnly === true }));
}

/** A doubt about a policy counts where the policy would. */
function matters({ layer: own, kind, unsettlesDenies }: Doubt, { power, gate, layer }: Question): boolean {
  if (own.gate !== gate) return false;
  if (power === 'may_overrule' && unsettlesDenies) return true;
  if (layer === undefined) return true;
  if (own.position < layer.position) return true;
  if (own.position > layer.position) return power === 'may_allow' && layer.drops === 'last';
  return canChange({ power, layer, allowsOnly: kind !== undefined && KINDS[kind].allowsOnly === true });
}

/** Could one more policy of the layer that decided change what it decided? */
function canChange({ power, layer, allowsOnly }: Pick<Question, 'power'> & { layer: LayerKey; allowsOnly: boolean }) {
  if (power === 'may_overrule') return layer.mode === 'ordered';
  // An allow-list can isolate and allow but never deny what another one allows.
  return power !== 'may_deny' || !allowsOnly;
}

/**
 * What acts beside the network's policies changes nothing of what these decide: it stops, kills or reroutes on its own account, and a
 * finding of its own says that it was not evaluated. NSX and Kube-OVN are networks themselves, whose own kinds rank with the others.
 */
const BESIDE =
  /istio\.io\/|linkerd\.io\/|^(?:cilium\.io|vpcresources\.k8s\.aws|k8s\.cni\.cncf\.io|crd\.antrea\.io|k8s\.ovn\.org|neuvector\.com|kuma\.io|consul\.hashicorp\.com)\//;

function unsupportedQuestion(state: ClusterState, policy: PodPolicy): string | undefined {
  const other = state.unsupported.find((one) => concerns(one, policy));
  if (!other) return undefined;
  const name = `${other.meta.namespace ? `${other.meta.namespace}/` : ''}${other.meta.name}`;
  return `${other.kind} ${name} (${other.apiVersion}) exists and is of a kind that is not evaluated`;
}

/** Cilium knows no kind that is not evaluated. */
function concerns(other: UnsupportedPolicy, policy: PodPolicy): boolean {
  if (policy.settings.cilium || BESIDE.test(other.apiVersion)) return false;
  return other.meta.namespace === undefined || other.meta.namespace === policy.pod.meta.namespace;
}

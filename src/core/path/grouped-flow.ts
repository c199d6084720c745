/** Flows that Calico's Goldmane folds together, in words, and what may be said of one pod by them. Used by findings, `flows/whisker`, the archive and `render/flows.ts`. */
import type { FlowVerdict, GroupedFlow, PolicyHit } from '../model/flow.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import type { Pod } from '../model/workload.ts';
import { policyName } from '../policy/explain/sentences.ts';

/** Kinds by Calico's own numbering (goldmane/proto/api.proto, PolicyKind) → as they are called everywhere here. */
const KINDS: Readonly<Record<string, string>> = {
  CalicoNetworkPolicy: 'NetworkPolicy.projectcalico.org',
  GlobalNetworkPolicy: 'GlobalNetworkPolicy.projectcalico.org',
};

/**
 * Whether the flow is one of this pod's, or of one of several pods that it is among. Felix puts `*` for the random part of a name
 * that was generated (felix/collector/types/endpoint, GetMetadata), which no pod's own name holds.
 */
export function senderOf({ source }: GroupedFlow, { meta }: Pod): 'pod' | 'group' | undefined {
  if (source.namespace !== (meta.namespace ?? 'default')) return undefined;
  if (source.name === meta.name) return 'pod';
  const isOne = source.name.endsWith('*') && meta.name.startsWith(source.name.slice(0, -1));
  return isOne ? 'group' : undefined;
}

/** `a flow that staged policies would deny` is what audit mode tells of other engines. */
export function isAskedFor(flow: GroupedFlow, verdicts: readonly FlowVerdict[]): boolean {
  if (verdicts.length === 0) return true;
  if (flow.action === 'denied') return verdicts.includes('dropped');
  return verdicts.includes('forwarded') || (verdicts.includes('audit') && stagedDenier(flow) !== undefined);
}

/** The last policy that was asked decides; where it did something else than the flow tells, nobody is named. */
export function deciderOf({ enforced, action }: GroupedFlow): PolicyHit | undefined {
  const last = enforced.at(-1);
  return last?.action === action ? last : undefined;
}

/** The staged policy for which a flow that is let through would be denied if staged policies were enforced. */
export function stagedDenier({ action, staged }: GroupedFlow): PolicyHit | undefined {
  const last = staged.at(-1);
  if (action !== 'allowed' || last?.action !== 'denied') return undefined;
  return isStaged(last) || (last.trigger !== undefined && isStaged(last.trigger)) ? last : undefined;
}

const isStaged = ({ kind }: Pick<PolicyHit, 'kind'>): boolean => kind.startsWith('Staged');

export function hitRef({ kind, namespace, name }: Pick<PolicyHit, 'kind' | 'namespace' | 'name'>): ObjectRef {
  return { kind: KINDS[kind] ?? kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** Calico stores the tier as part of a policy's name, and tells it without (felix/calc, RuleID). */
export function isSamePolicy(hit: Pick<PolicyHit, 'kind' | 'namespace' | 'name' | 'tier'>, ref: ObjectRef): boolean {
  const { kind, namespace } = hitRef(hit);
  const names = [hit.name, `${hit.tier}.${hit.name}`];
  return kind === ref.kind && namespace === ref.namespace && names.includes(ref.name);
}

/** The policy that a hit speaks of: of a tier's end, that for which the tier had a say. */
export const policyOf = ({ trigger, ...hit }: PolicyHit): Omit<PolicyHit, 'trigger' | 'action'> => trigger ?? hit;

/** e.g. `GlobalNetworkPolicy.projectcalico.org block-all (tier security)`. */
export function hitText(hit: PolicyHit): string {
  if (hit.kind !== 'EndOfTier') return namedHit(hit);
  const { trigger } = hit;
  const end = `the end of tier ${hit.tier || 'default'}`;
  if (trigger === undefined) return end;
  return `${end}: ${policyName(hitRef(trigger))} selects the pod, and nothing in the tier matched`;
}

const namedHit = (hit: PolicyHit): string =>
  `${policyName(hitRef(hit))}${hit.tier === '' ? '' : ` (tier ${hit.tier})`}`;

/** The ranges are Felix's own (felix/collector/types/endpoint, getSubnetType). */
const KIND_TEXT = {
  public: 'public addresses',
  private: 'private addresses (10/8, 172.16/12, 192.168/16) that Calico has no name for',
} as const;

export function destinationText({ kind, namespace, name = '?' }: GroupedFlow['destination']): string {
  if (kind !== 'named') return KIND_TEXT[kind];
  const path = namespace === undefined ? name : `${namespace}/${name}`;
  return name.endsWith('*') ? `pods ${path}` : path;
}

/** e.g. `TCP/443 from pods shop/checkout-7d9f-* (this pod is one of them) to public addresses`. */
export function connectionText({ source, destination }: GroupedFlow): string {
  const path = `${source.namespace}/${source.name}`;
  const from = source.name.endsWith('*') ? `pods ${path} (this pod is one of them)` : `pod ${path}`;
  return `${portText(destination)} from ${from} to ${destinationText(destination)}`;
}

const portText = ({ protocol, port }: GroupedFlow['destination']): string =>
  port === 0 ? protocol : `${protocol}/${port}`;

/** One line for people. */
export function groupedSummary(flow: GroupedFlow): string {
  const { action, source, destination, packets, reporter } = flow;
  const decider = deciderOf(flow);
  const by = decider === undefined ? '' : ` by ${hitText(decider)}`;
  const where = reporter === 'destination' ? ', told by the receiver’s node' : '';
  const to = `${portText(destination)} of ${destinationText(destination)}`;
  return `${action}: ${source.namespace}/${source.name} → ${to}, ${packets} packet(s)${by}${where}`;
}

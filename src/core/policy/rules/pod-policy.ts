/** The policies that govern one pod and what follows from them together (policy-semantics §3.1, §3.2); input of `decide/decide.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { ObjectRef } from '../../model/object-meta.ts';
import type { Policy } from '../../model/policy.ts';
import type { Pod } from '../../model/workload.ts';
import type { Enforcement } from '../engine/enforced.ts';
import { enforcementOf } from '../engine/enforcement.ts';
import { standingDefault } from '../engine/enforcement-aws.ts';
import type { EngineSettings } from '../engine/settings.ts';
import type { LabelSet } from '../identity/labels.ts';
import { indexOf } from '../state/state-index.ts';
import type { Tri } from '../tri.ts';
import { triAnd, triAny } from '../tri.ts';
import { matchRequirements } from './label-selector.ts';
import type { LayerKey } from './layers.ts';
import { NORMAL } from './layers.ts';
import { policiesFor } from './policies.ts';
import type { PolicyRule, PolicySection, TranslatedPolicy } from './rule.ts';
import { rulesOfSection } from './rule.ts';

/** A policy with the sections that select the pod. */
export interface Selecting {
  readonly translated: TranslatedPolicy;
  readonly sections: readonly PolicySection[];
  readonly selects: Tri;
  /** Some section takes the pod, and whether another does too cannot be told. */
  readonly partly?: true;
  readonly enforcement: Enforcement;
}

/** One layer with the pod's rules in it, in the order they are asked. */
export interface Layer {
  readonly key: LayerKey;
  readonly rules: readonly PolicyRule[];
  /** Of an ordered layer: the place of each rule, equal for those between which only `ties` decides. */
  readonly ranks: readonly number[];
  /** The policies that make the engine drop what no rule of the layer matched; empty: the packet goes on. */
  readonly isolatedBy: readonly ObjectRef[];
}

export interface PodPolicy {
  readonly pod: Pod;
  readonly settings: EngineSettings;
  /** Everything that selects the pod, enforced or not. */
  readonly selecting: readonly Selecting[];
  /** The rules in force, of all layers. */
  readonly rules: readonly PolicyRule[];
  /** The gates, each with its layers from first to last; a packet must get through all of them. */
  readonly gates: readonly (readonly Layer[])[];
  readonly isolatedBy: readonly ObjectRef[];
  /** Whether what no rule allows is dropped. */
  readonly defaultDeny: boolean;
  /** Why what nothing allows is dropped where no policy isolates the pod; absent for Cilium's "always". */
  readonly dropsBecause?: string;
  /** Policies whose part in the answer cannot be told. */
  readonly doubts: readonly Doubt[];
}

/** What cannot be told, and the layer in which it would count. */
export interface Doubt {
  readonly text: string;
  readonly layer: LayerKey;
  readonly kind?: Policy['kind'];
  /** It could undo a deny where a deny otherwise beats everything. */
  readonly unsettlesDenies?: true;
}

/** @param selecting as `selectingOf` gives it */
export function podPolicyOf(
  state: ClusterState,
  pod: Pod,
  selecting: readonly Selecting[] = selectingOf(state, pod),
): PodPolicy {
  const { settings } = indexOf(state);
  const layers = layersOf(selecting.filter(inForce));
  const isolatedBy = layers.flatMap((layer) => layer.isolatedBy);
  const standing = pod.hostNetwork ? undefined : standingDefault(state, pod);
  return {
    pod,
    settings,
    selecting,
    rules: layers.flatMap((layer) => layer.rules),
    gates: [layers.filter(({ key }) => key.gate === 'policy'), layers.filter(({ key }) => key.gate === 'firewall')],
    isolatedBy,
    defaultDeny:
      isolatedBy.length > 0 || (settings.cilium && settings.enforcement === 'always') || standing?.drops === 'yes',
    ...(standing?.drops === 'yes' && { dropsBecause: standing.why }),
    doubts: [
      ...selecting.flatMap(doubtOf),
      ...(standing?.drops === 'unknown' ? [{ text: standing.why, layer: AT_END }] : []),
    ],
  };
}

/** The policies whose selectors take the pod, or may. */
export function selectingOf(state: ClusterState, pod: Pod): readonly Selecting[] {
  if (pod.hostNetwork) return [];
  const labels = indexOf(state).labelsOf(pod);
  const found: Selecting[] = [];
  for (const translated of policiesFor(state, pod.meta.namespace ?? 'default', labels)) {
    const selected = selectedSections(translated, pod, labels);
    if (selected.selects === 'no') continue;
    found.push({ translated, ...selected, enforcement: enforcementOf(translated.policy.kind, state) });
  }
  return found;
}

function selectedSections(
  { sections }: TranslatedPolicy,
  pod: Pod,
  labels: LabelSet,
): Pick<Selecting, 'selects' | 'sections' | 'partly'> {
  const answers = sections.map((section) => answerOf(section, pod, labels));
  const selects = triAny(answers);
  // Nearly every policy has one section: no new list is needed to say that all of them select.
  const selected = answers.every((one) => one === selects)
    ? sections
    : sections.filter((_, at) => answers[at] === selects);
  const known = { selects, ...(selects === 'yes' && answers.includes('unknown') && { partly: true as const }) };
  if (selects === 'no' || selected.every(({ rulesFor }) => !rulesFor)) return { ...known, sections: selected };
  return { ...known, sections: selected.map((section) => ({ ...section, rules: rulesOfSection(section, pod) })) };
}

function answerOf({ subject, where }: PolicySection, pod: Pod, labels: LabelSet): Tri {
  const answer = subject ? matchRequirements(subject, labels) : 'no';
  return where && answer !== 'no' ? triAnd(answer, where(pod)) : answer;
}

function inForce({ translated, selects, enforcement }: Selecting): boolean {
  return enforcement.enforced === 'yes' && translated.valid && selects === 'yes';
}

/** One layer a position; in an ordered one, policies by their order and then their names. */
function layersOf(selecting: readonly Selecting[]): Layer[] {
  const [first] = selecting;
  if (first && selecting.every(({ translated }) => translated.layer === first.translated.layer))
    return layerOf(selecting);
  const byPlace = new Map<string, Selecting[]>();
  for (const one of selecting) {
    const place = `${one.translated.layer.gate} ${one.translated.layer.position}`;
    const members = byPlace.get(place);
    if (members) members.push(one);
    else byPlace.set(place, [one]);
  }
  return [...byPlace.values()].flatMap(layerOf).sort((a, b) => a.key.position - b.key.position);
}

function layerOf(members: readonly Selecting[]): Layer[] {
  const key = members[0]?.translated.layer;
  if (!key) return [];
  if (key.mode === 'union')
    return [{ key, rules: members.flatMap(rulesIn), ranks: [], isolatedBy: isolating(members) }];
  const isolatedBy = isolating(members.toSorted(byOrder));
  const ranked = members.flatMap(rankedRules);
  const inOrder = ranked.toSorted(key.ties === 'strictest' ? byStrictness : byRank);
  return [{ key, rules: inOrder.map(({ rule }) => rule), ranks: inOrder.map(({ rank }) => rank), isolatedBy }];
}

function isolating(members: readonly Selecting[]): ObjectRef[] {
  const found = members.filter((one) => one.sections.some((section) => section.isolates));
  return found.map((one) => one.translated.ref);
}

function rulesIn({ sections }: Selecting): readonly PolicyRule[] {
  const [first] = sections;
  return first && sections.length === 1 ? first.rules : sections.flatMap(({ rules }) => rules);
}

interface Ranked {
  readonly rule: PolicyRule;
  readonly rank: number;
  readonly sortKey: string;
}

function rankedRules({ translated, sections }: Selecting): Ranked[] {
  const sortKey = sortKeyOf(translated);
  return sections.flatMap(({ rules }) =>
    rules.map((rule) => ({ rule, rank: rule.order ?? translated.order, sortKey })),
  );
}

/** Sorting is stable: rules of one policy keep their order. */
function byRank(a: Ranked, b: Ranked): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.sortKey === b.sortKey ? 0 : a.sortKey < b.sortKey ? -1 : 1;
}

const STRICTNESS = { deny: 0, allow: 1, pass: 2 } as const;

function byStrictness(a: Ranked, b: Ranked): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return STRICTNESS[a.rule.effect] - STRICTNESS[b.rule.effect] || byRank(a, b);
}

function byOrder({ translated: a }: Selecting, { translated: b }: Selecting): number {
  if (a.order !== b.order) return a.order - b.order;
  return sortKeyOf(a) < sortKeyOf(b) ? -1 : 1;
}

function sortKeyOf({ sortKey, ref }: TranslatedPolicy): string {
  return sortKey ?? `${ref.namespace ?? ''}/${ref.name}`;
}

function doubtOf(one: Selecting): Doubt[] {
  const text = doubtText(one);
  const { layer, policy, unsettlesDenies } = one.translated;
  if (text === undefined) return [];
  return [{ text, layer, kind: policy.kind, ...(unsettlesDenies === true && { unsettlesDenies }) }];
}

/** Counts after everything else. */
const AT_END: LayerKey = { ...NORMAL, position: Number.POSITIVE_INFINITY };

function doubtText(one: Selecting): string | undefined {
  const { ref, uncertain, valid } = one.translated;
  const { enforced, why } = one.enforcement;
  if (enforced === 'no') return undefined;
  const name = `${ref.kind} ${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}`;
  if (uncertain !== undefined) return `${name}: ${uncertain}`;
  if (!valid) return undefined;
  if (enforced === 'unknown') return `${name}: whether it is enforced cannot be told: ${why}`;
  if (one.selects === 'yes' && !one.partly) return undefined;
  const what = one.partly ? 'whether another part of it selects the pod' : 'whether it selects the pod';
  return `${name}: ${what} depends on labels that are not in the cluster state`;
}

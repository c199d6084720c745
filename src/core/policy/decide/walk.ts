/** Walks one gate's layers with one packet (policy-semantics §0, §5); three-valued: a rule that may match forks the walk. Called by `decide.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Decision, StageReason } from '../../model/evaluation.ts';
import { policyName } from '../explain/sentences.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { Layer } from '../rules/pod-policy.ts';
import type { RuleMatch } from './match.ts';
import { matchRule } from './match.ts';

export interface Walk {
  readonly state: ClusterState;
  readonly layers: readonly Layer[];
  readonly identity: PeerIdentity;
  /** What reaches the end is dropped although no policy isolates the pod (Cilium's enable-policy "always"). */
  readonly dropsLast: boolean;
}

export interface Outcome {
  readonly decision: Decision;
  readonly reason: StageReason;
  readonly decidedBy: readonly RuleMatch[];
  readonly allows: readonly RuleMatch[];
  readonly layer?: Layer;
  readonly why?: string;
}

export function walk(given: Walk): Outcome {
  // One layer is come to once.
  return fromLayer(given.layers.length > 1 ? { ...given, known: new Map() } : given, 0, undefined);
}

interface Way extends Walk {
  /** Outcomes from a layer on: every fork that passes asks for the same. */
  readonly known?: Map<string, Outcome>;
}

/** @param dropping a layer passed on the way whose default deny waits for the end */
function fromLayer(way: Way, index: number, dropping: Layer | undefined): Outcome {
  const layer = way.layers[index];
  if (!layer) return atEnd(way, dropping);
  const place = { index, layer, dropping };
  const outcome = () => (layer.key.mode === 'union' ? union(way, place) : ordered(way, place));
  if (!way.known) return outcome();
  const key = `${index} ${dropping?.key.position}`;
  const known = way.known.get(key) ?? outcome();
  way.known.set(key, known);
  return known;
}

interface Place {
  readonly index: number;
  readonly layer: Layer;
  readonly dropping: Layer | undefined;
}

function afterLayer(way: Way, { index, layer, dropping }: Place): Outcome {
  if (layer.isolatedBy.length === 0) return fromLayer(way, index + 1, dropping);
  return layer.key.drops === 'here' ? dropped(layer) : fromLayer(way, index + 1, dropping ?? layer);
}

function atEnd({ dropsLast }: Way, dropping: Layer | undefined): Outcome {
  if (dropping) return dropped(dropping);
  return dropsLast ? dropped(undefined) : { decision: 'allowed', reason: 'not_isolated', decidedBy: [], allows: [] };
}

function dropped(layer: Layer | undefined): Outcome {
  return { decision: 'denied', reason: 'default_deny', decidedBy: [], allows: [], ...(layer && { layer }) };
}

/** Deny beats allow; what only may match leaves the answer open where it would change it. */
function union(way: Way, place: Place): Outcome {
  const { layer } = place;
  const matches: RuleMatch[] = [];
  for (const rule of layer.rules) {
    const match = matchRule(way.state, rule, way.identity);
    if (match) matches.push(match);
  }
  const denies = matches.filter(({ rule }) => rule.effect === 'deny');
  const certain = denies.filter(isCertain);
  const allows = matches.filter((one) => one.rule.effect === 'allow' && isCertain(one));
  const base = { allows, layer };
  if (certain.length > 0) return { ...base, decision: 'denied', reason: 'explicit_deny', decidedBy: certain };
  const granted: Outcome = { ...base, decision: 'allowed', reason: 'allowed_by_rule', decidedBy: allows };
  const rest = allows.length > 0 ? granted : withOpenAllows(matches, base, afterLayer(way, place));
  const openDeny = denies[0];
  return openDeny && rest.decision !== 'denied' ? open(base, openDeny, [openDeny]) : rest;
}

function withOpenAllows(matches: readonly RuleMatch[], base: Pick<Outcome, 'allows' | 'layer'>, rest: Outcome) {
  const opens = matches.filter(({ rule, tri }) => rule.effect === 'allow' && tri === 'unknown');
  if (rest.decision === 'allowed') return rest;
  // Name what the user can act on: a missing DNS rule before a missing address before missing data.
  const first = ORDER.flatMap((doubt) => opens.filter((one) => one.doubt === doubt))[0];
  return first ? open(base, first, opens) : rest;
}

const ORDER = ['dns_not_proxied', 'address_unknown', 'incomplete_state'] as const;

/** The first rule that matches decides. */
function ordered(way: Way, place: Place): Outcome {
  const { layer } = place;
  const fromRule = (from: number): Outcome => {
    for (let at = from; at < layer.rules.length; at += 1) {
      const match = matchAt(way, layer, at);
      if (!match) continue;
      if (isCertain(match)) return settled(way, place, { match, at });
      return fork(effectOf(way, place, [match]), fromRule(at + 1), { match, layer });
    }
    return afterLayer(way, place);
  };
  return fromRule(0);
}

function matchAt(way: Way, { rules }: Layer, at: number): RuleMatch | undefined {
  const rule = rules[at];
  return rule && matchRule(way.state, rule, way.identity);
}

/** What a certain match comes to beside the others of the same rank. */
function settled(way: Way, place: Place, { match, at }: { match: RuleMatch; at: number }): Outcome {
  const { ties } = place.layer.key;
  if (ties === undefined || ties === 'name') return effectOf(way, place, [match]);
  const equals = equalMatches(way, place.layer, at);
  if (ties === 'open') return amongEquals(way, place, { match, equals });
  const alike = equals.filter((one) => isCertain(one) && one.rule.effect === match.rule.effect);
  return effectOf(way, place, [match, ...alike]);
}

/** Later matches of the same rank. */
function equalMatches(way: Way, layer: Layer, at: number): RuleMatch[] {
  const rank = layer.ranks[at];
  return layer.rules.flatMap((_, index) => {
    return index > at && layer.ranks[index] === rank ? (matchAt(way, layer, index) ?? []) : [];
  });
}

/** The API leaves open which of several policies of one priority applies, so they must agree. */
function amongEquals(
  way: Way,
  place: Place,
  { match, equals }: { match: RuleMatch; equals: readonly RuleMatch[] },
): Outcome {
  const own = effectOf(way, place, [match]);
  const rival = firstsOfEach(equals)
    .filter(({ rule }) => rule.policy !== match.rule.policy)
    .find((one) => effectOf(way, place, [one]).decision !== own.decision);
  if (!rival) return own;
  const [one, other] = [match, rival].map(({ rule }) => policyName(rule.policy));
  return {
    decision: 'unknown',
    reason: 'incomplete_state',
    decidedBy: [match, rival],
    allows: [],
    layer: place.layer,
    why: `${one} and ${other} have the same priority and decide differently, and the API leaves open which one counts`,
  };
}

/** Of each policy the matches up to its first certain one. */
function firstsOfEach(matches: readonly RuleMatch[]): RuleMatch[] {
  const settledPolicies = new Set<RuleMatch['rule']['policy']>();
  return matches.filter((match) => {
    if (settledPolicies.has(match.rule.policy)) return false;
    if (isCertain(match)) settledPolicies.add(match.rule.policy);
    return true;
  });
}

/** @param matches of one effect; what decides comes first */
function effectOf(way: Way, { index, layer, dropping }: Place, matches: readonly RuleMatch[]): Outcome {
  const effect = matches[0]?.rule.effect;
  if (effect === 'allow')
    return { decision: 'allowed', reason: 'allowed_by_rule', decidedBy: matches, allows: matches, layer };
  if (effect === 'deny') return { decision: 'denied', reason: 'explicit_deny', decidedBy: matches, allows: [], layer };
  const { passTo } = layer.key;
  const target =
    passTo === undefined ? index + 1 : way.layers.findIndex(({ key }, at) => at > index && key.position >= passTo);
  return fromLayer(way, target === -1 ? way.layers.length : target, dropping);
}

/** Whichever way the open match goes: the same decision stands, another is not known. */
function fork(matched: Outcome, unmatched: Outcome, { match, layer }: { match: RuleMatch; layer: Layer }): Outcome {
  if (matched.decision !== unmatched.decision) return open({ allows: [], layer }, match, [match]);
  // What was not read can overturn a default more easily than a rule: the answer must hold for the weaker of the two.
  return isDefault(matched) && !isDefault(unmatched) ? matched : unmatched;
}

function isDefault({ reason }: Outcome): boolean {
  return reason === 'default_deny' || reason === 'not_isolated';
}

function open(base: Pick<Outcome, 'allows' | 'layer'>, first: RuleMatch, decidedBy: readonly RuleMatch[]): Outcome {
  const reason = first.doubt ?? 'incomplete_state';
  return { ...base, decision: 'unknown', reason, decidedBy, ...(first.why !== undefined && { why: first.why }) };
}

function isCertain({ tri }: RuleMatch): boolean {
  return tri === 'yes';
}

/** Walks one gate's layers with one packet (policy-semantics §0, §5); three-valued: a rule that may match forks the walk. Called by `decide.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Decision, StageReason } from '../model/evaluation.ts';
import type { PeerIdentity } from './identity.ts';
import type { RuleMatch } from './match.ts';
import { matchRule } from './match.ts';
import type { Layer } from './pod-policy.ts';

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
  return fromLayer(given, 0, undefined);
}

/** @param dropping a layer passed on the way whose default deny waits for the end */
function fromLayer(given: Walk, index: number, dropping: Layer | undefined): Outcome {
  const layer = given.layers[index];
  if (!layer) return atEnd(given, dropping);
  const next = () => afterLayer(given, index, dropping);
  return layer.key.mode === 'union' ? union(given, layer, next) : ordered(given, { index, layer, dropping }, next);
}

function afterLayer(given: Walk, index: number, dropping: Layer | undefined): Outcome {
  const layer = given.layers[index];
  if (!layer || layer.isolatedBy.length === 0) return fromLayer(given, index + 1, dropping);
  return layer.key.drops === 'here' ? dropped(layer) : fromLayer(given, index + 1, dropping ?? layer);
}

function atEnd({ dropsLast }: Walk, dropping: Layer | undefined): Outcome {
  if (dropping) return dropped(dropping);
  return dropsLast ? dropped(undefined) : { decision: 'allowed', reason: 'not_isolated', decidedBy: [], allows: [] };
}

function dropped(layer: Layer | undefined): Outcome {
  return { decision: 'denied', reason: 'default_deny', decidedBy: [], allows: [], ...(layer && { layer }) };
}

/** Deny beats allow; what only may match leaves the answer open where it would change it. */
function union(given: Walk, layer: Layer, next: () => Outcome): Outcome {
  const matches = matchesOf(given, layer);
  const denies = matches.filter(({ rule }) => rule.effect === 'deny');
  const certain = denies.filter(isCertain);
  const allows = matches.filter((one) => one.rule.effect === 'allow' && isCertain(one));
  const base = { allows, layer };
  if (certain.length > 0) return { ...base, decision: 'denied', reason: 'explicit_deny', decidedBy: certain };
  const granted: Outcome = { ...base, decision: 'allowed', reason: 'allowed_by_rule', decidedBy: allows };
  const rest = allows.length > 0 ? granted : withOpenAllows(matches, base, next());
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

interface Place {
  readonly index: number;
  readonly layer: Layer;
  readonly dropping: Layer | undefined;
}

/** The first rule that matches decides. */
function ordered(given: Walk, place: Place, next: () => Outcome): Outcome {
  const { layer } = place;
  const fromRule = (at: number): Outcome => {
    for (let index = at; index < layer.rules.length; index += 1) {
      const rule = layer.rules[index];
      const match = rule && matchRule(given.state, rule, given.identity);
      if (!match) continue;
      const outcome = effectOf(given, place, match);
      if (isCertain(match)) return outcome;
      return fork(outcome, fromRule(index + 1), { match, layer });
    }
    return next();
  };
  return fromRule(0);
}

function effectOf(given: Walk, { index, layer, dropping }: Place, match: RuleMatch): Outcome {
  if (match.rule.effect === 'allow')
    return { decision: 'allowed', reason: 'allowed_by_rule', decidedBy: [match], allows: [match], layer };
  if (match.rule.effect === 'deny')
    return { decision: 'denied', reason: 'explicit_deny', decidedBy: [match], allows: [], layer };
  const { passTo } = layer.key;
  const target = passTo === undefined ? index + 1 : given.layers.findIndex(({ key }) => key.position >= passTo);
  return fromLayer(given, target === -1 ? given.layers.length : target, dropping);
}

/** Whichever way the open match goes: the same decision stands, another is not known. */
function fork(matched: Outcome, unmatched: Outcome, { match, layer }: { match: RuleMatch; layer: Layer }): Outcome {
  if (matched.decision === unmatched.decision) return unmatched;
  return open({ allows: [], layer }, match, [match]);
}

function open(base: Pick<Outcome, 'allows' | 'layer'>, first: RuleMatch, decidedBy: readonly RuleMatch[]): Outcome {
  const reason = first.doubt ?? 'incomplete_state';
  return { ...base, decision: 'unknown', reason, decidedBy, ...(first.why !== undefined && { why: first.why }) };
}

function matchesOf({ state, identity }: Walk, layer: Layer): RuleMatch[] {
  return layer.rules.flatMap((rule) => matchRule(state, rule, identity) ?? []);
}

function isCertain({ tri }: RuleMatch): boolean {
  return tri === 'yes';
}

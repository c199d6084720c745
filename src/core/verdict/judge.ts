/** Ranks what was seen into one verdict: known cause, works, or undecided together with the observation that would decide. */
import { type Assessment, type CauseRule, endpointName, type Suspect } from '../causes/cause-rule.ts';
import { refText } from '../causes/policy-denies.ts';
import { CAUSE_RULES, HANDSHAKE_RULES } from '../causes/registry.ts';
import type { Cause, CauseClass, Diagnosis } from '../model/diagnosis.ts';
import type { TargetReport } from '../model/probe.ts';
import { type Phase, phaseOf } from '../path/phase.ts';
import { osOf, WINDOWS_POLICIES } from '../path/pod-os.ts';
import { SERVER_NAMES_ONLY } from '../policy/explain/assumptions.ts';
import type { Case, EndpointCase } from './case.ts';
import { deciderOf } from './decider.ts';
import { gitWouldAllow } from './drift-cause.ts';
import { asSecondHop } from './second-hop.ts';
import { takenBy } from './taken-hop.ts';

export interface Judgement {
  readonly verdict: Diagnosis['verdict'];
  readonly cause?: Cause;
  /** The endpoint the verdict is about: the one that fails, else the asked one. */
  readonly endpoint: EndpointCase;
  /** For an undecided case: the one observation that would decide it. */
  readonly decidedBy?: string;
  /** Other endpoints that the logs name and that do not work either. */
  readonly besides?: readonly Judgement[];
}

export function judge(seen: Case): Judgement {
  const [asked] = seen.endpoints;
  const own = judgeEndpoint(seen, asked);
  const hops = seen.endpoints
    .filter((endpoint) => endpoint.role === 'second_hop')
    .map((endpoint) => ({ ...judgeEndpoint(seen, endpoint), taken: takenBy(seen, endpoint) }));
  const mayBeHop = own.verdict === 'reachable' || isOpenButAllowed(own);
  const blocked = mayBeHop ? hops.filter(({ verdict }) => verdict === 'blocked') : [];
  const hop = blocked.find(({ taken }) => taken === 'taken') ?? blocked.find(({ taken }) => taken === 'named');
  const besides = hops.filter((other) => other !== hop && (other.verdict === 'blocked' || isSeenFailing(other)));
  const main = hop === undefined ? own : hop.taken === 'named' ? onlyNamed(hop) : hop;
  return besides.length === 0 ? main : { ...main, besides };
}

/** It is blocked, and that may be as it should: nothing shows that the application wants it. */
function onlyNamed({ cause, endpoint }: Judgement): Judgement {
  return {
    verdict: 'undetermined',
    ...(cause !== undefined && { cause: { ...cause, confidence: 'possible' } }),
    endpoint,
    decidedBy: `whether the application itself calls ${endpointName(endpoint)}: its logs name it without showing a failure on it, as they do of URLs that are signed for others`,
  };
}

const isSeenFailing = ({ verdict, endpoint }: Judgement): boolean =>
  verdict === 'undetermined' && !['not_probed', 'incomplete'].includes(phaseOf(endpoint).kind);

/** Nothing is known against the asked endpoint: no packets were seen, and the rules let it through. */
function isOpenButAllowed({ cause, endpoint }: Judgement): boolean {
  const unseen = phaseOf(endpoint).kind === 'not_probed';
  return unseen && cause === undefined && endpoint.evaluation.decision === 'allowed';
}

function judgeEndpoint(seen: Case, endpoint: EndpointCase): Judgement {
  const phase = phaseOf(endpoint);
  if (phase.kind === 'connected') return { verdict: 'reachable', endpoint };
  const suspect: Suspect = { case: seen, endpoint, phase };
  const supported = firstSupported(suspect, phase.kind === 'tls_failed' ? HANDSHAKE_RULES : CAUSE_RULES);
  const found = isOnWindows(seen) ? openOnWindows(supported) : supported;
  if (found === undefined && phase.kind === 'tls_failed') return judgeTls(endpoint, phase);
  if (found === undefined) return { verdict: 'undetermined', endpoint, decidedBy: deciderOf(suspect) };
  const blocked = found.confidence !== 'possible';
  return {
    verdict: blocked ? 'blocked' : 'undetermined',
    cause: causeOf(seen, endpoint, found),
    endpoint,
    ...(found.decidedBy === undefined ? {} : { decidedBy: found.decidedBy }),
  };
}

/** Causes that a change of policy cures; for the others a diff would be noise, or harm. */
const CURED_BY_POLICY = /^(FQDN_NAME|FQDN_NO_DNS|POLICY_|GITOPS_DRIFT)/;

/** Only where the verdict stands: a change for a cause that is merely possible widens access on a guess. */
export const policyWouldHelp = ({ verdict, cause }: Judgement): boolean =>
  verdict === 'blocked' && cause !== undefined && isPolicyClass(cause.underlying ?? cause.class);

const isPolicyClass = (name: CauseClass): boolean => CURED_BY_POLICY.test(name);

const isOnWindows = ({ pod, state }: Case): boolean =>
  osOf(
    pod,
    state.nodes.find(({ meta }) => meta.name === pod.nodeName),
  ) === 'windows';

/** The rules were read as the engine of Linux nodes reads them. */
function openOnWindows(found: Assessment | undefined): Assessment | undefined {
  if (found === undefined || !isPolicyClass(found.class)) return found;
  const decidedBy = `what the engine that serves Windows nodes enforces: ${WINDOWS_POLICIES}`;
  return { ...found, confidence: 'possible', decidedBy };
}

function firstSupported(suspect: Suspect, rules: readonly CauseRule[]): Assessment | undefined {
  for (const rule of rules) {
    const assessment = rule(suspect);
    if (assessment !== undefined) return assessment;
  }
  return undefined;
}

/** A policy cause that Git would not have is a drift; otherwise it may be a second hop. */
function causeOf(seen: Case, endpoint: EndpointCase, found: Assessment): Cause {
  const drift = isPolicyClass(found.class) ? gitWouldAllow(seen, endpoint) : undefined;
  if (drift === undefined) return asSecondHop(seen, endpoint, found);
  const lacking = drift.kind === 'only_git' ? 'which the cluster lacks' : 'the live policy does not';
  const writer = drift.lastWriter;
  const who =
    writer === undefined
      ? ''
      : ` Last writer: ${writer.manager}${writer.time === undefined ? '' : ` at ${writer.time}`}.`;
  return {
    class: 'GITOPS_DRIFT',
    underlying: found.class,
    confidence: found.confidence,
    statement: `Git allows ${endpointName(endpoint)} in ${refText(drift.policy)}, ${lacking}: the cluster has drifted from Git.${who} ${found.statement}`,
  };
}

/**
 * TCP connected, so policy at L3/L4 and routing let the pod through. An unknown issuer or wrong name is a finding, not a
 * block: the application may trust what this probe's trust store does not. A reset or stall after ClientHello is undecided.
 */
function judgeTls(endpoint: EndpointCase, phase: Extract<Phase, { kind: 'tls_failed' }>): Judgement {
  const outcome = phase.tls.outcome;
  if (outcome === 'untrusted' || outcome === 'wrong_name' || outcome === 'expired')
    return { verdict: 'reachable', endpoint };
  const filter = endpoint.evaluation.assumptions.find(filtersServerName);
  if (filter !== undefined)
    return { verdict: 'undetermined', endpoint, decidedBy: `whether the policy's own list cuts it off: ${filter}` };
  return { verdict: 'undetermined', endpoint, decidedBy: handshakeDecider(endpoint, phase) };
}

function handshakeDecider({ host }: EndpointCase, { tls, report }: Extract<Phase, { kind: 'tls_failed' }>): string {
  if (tls.outcome === 'timeout' && tls.smallSegments === undefined)
    return `whether a small-segment handshake with ${host} completes (then large packets are lost: MTU)`;
  if (tls.outcome === 'timeout')
    return `whether the ClientHello to ${host} leaves the node (capture on its uplink): small segments stall alike, so size is not the reason`;
  const early = tls.receivedBytes === 0 ? ' right after the ClientHello' : '';
  return `whether the same handshake with another server name on ${connectedAddress(report) ?? host} is also cut${early} (then not an SNI filter)`;
}

const filtersServerName = (premise: string): boolean =>
  premise.startsWith(SERVER_NAMES_ONLY) && !premise.endsWith('is let through');

const connectedAddress = ({ connects }: TargetReport): string | undefined =>
  connects.find(({ outcome }) => outcome === 'connected')?.address;

/** Ranks what was seen into one verdict: known cause, works, or undecided together with the observation that would decide. */
import { type Assessment, endpointName, type Suspect } from '../causes/cause-rule.ts';
import { lookupDecider } from '../causes/lookup.ts';
import { refText } from '../causes/policy-denies.ts';
import { CAUSE_RULES } from '../causes/registry.ts';
import type { Cause, Diagnosis } from '../model/diagnosis.ts';
import { type Phase, phaseOf } from '../path/phase.ts';
import type { Case, EndpointCase } from './case.ts';
import { gitWouldAllow } from './drift-cause.ts';
import { asSecondHop } from './second-hop.ts';

export interface Judgement {
  readonly verdict: Diagnosis['verdict'];
  readonly cause?: Cause;
  /** The endpoint the verdict is about: the one that fails, else the asked one. */
  readonly endpoint: EndpointCase;
  /** For an undecided case: the one observation that would decide it. */
  readonly decidedBy?: string;
}

export function judge(seen: Case): Judgement {
  const [asked] = seen.endpoints;
  const own = judgeEndpoint(seen, asked);
  if (own.verdict !== 'reachable') return own;
  const blocked = seen.endpoints
    .filter((endpoint) => endpoint.role === 'second_hop')
    .map((endpoint) => judgeEndpoint(seen, endpoint))
    .find((judgement) => judgement.verdict === 'blocked');
  return blocked ?? own;
}

function judgeEndpoint(seen: Case, endpoint: EndpointCase): Judgement {
  const phase = phaseOf(endpoint);
  if (phase.kind === 'connected') return { verdict: 'reachable', endpoint };
  if (phase.kind === 'tls_failed') return judgeTls(endpoint, phase);
  const suspect: Suspect = { case: seen, endpoint, phase };
  const found = firstSupported(suspect);
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
const CURED_BY_POLICY = /^(FQDN_NAME|FQDN_NO_DNS|FQDN_DNS_REFUSED|POLICY_|GITOPS_DRIFT)/;

export const policyWouldHelp = ({ verdict, cause }: Judgement): boolean =>
  verdict !== 'reachable' && cause !== undefined && CURED_BY_POLICY.test(cause.underlying ?? cause.class);

function firstSupported(suspect: Suspect): Assessment | undefined {
  for (const rule of CAUSE_RULES) {
    const assessment = rule(suspect);
    if (assessment !== undefined) return assessment;
  }
  return undefined;
}

/** A policy cause that Git would not have is a drift; otherwise it may be a second hop. */
function causeOf(seen: Case, endpoint: EndpointCase, found: Assessment): Cause {
  const drift = endpoint.evaluation.connect.decision === 'denied' ? gitWouldAllow(seen, endpoint) : undefined;
  if (drift === undefined) return asSecondHop(seen, endpoint, found);
  const writer = drift.policy.lastWriter;
  const who =
    writer === undefined
      ? ''
      : ` Last writer: ${writer.manager}${writer.time === undefined ? '' : ` at ${writer.time}`}.`;
  return {
    class: 'GITOPS_DRIFT',
    underlying: found.class,
    confidence: found.confidence,
    statement: `Git allows ${endpoint.host} in ${refText(drift.policy.policy)}, the live policy does not: the cluster has drifted from Git.${who} ${found.statement}`,
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
  const decidedBy =
    outcome === 'timeout'
      ? `whether a small-segment handshake with ${endpoint.host} completes (then large packets are lost: MTU)`
      : `whether the same handshake with another server name on ${phase.report.connects[0]?.address ?? endpoint.host} is also cut (then not an SNI filter)`;
  return { verdict: 'undetermined', endpoint, decidedBy };
}

function deciderOf(suspect: Suspect): string {
  const { endpoint, phase } = suspect;
  const name = endpointName(endpoint);
  if (phase.kind === 'not_probed') return `a probe of ${name} from inside the pod (execProbe)`;
  if (phase.kind === 'incomplete') return `a probe of ${name} that runs to its end`;
  const lookup = lookupDecider(suspect);
  if (lookup !== undefined) return lookup;
  if (endpoint.evaluation.connect.decision === 'unknown') {
    return `a drop of ${name} in the engine's flow log during a probe (observeFlows), since the rules alone do not decide: ${endpoint.evaluation.connect.explanation}`;
  }
  return `whether the SYN to ${name} leaves the node (capture on the node's uplink): if it does, the cause is outside the cluster (firewall, route, NAT)`;
}

/** GITOPS_DRIFT: Git's version of a policy would let the failing endpoint through, or only the live one names a working host. */
import type { DriftReport, FieldDifference, PolicyDrift } from '../model/drift.ts';
import { evaluateEgress } from '../policy/evaluate.ts';
import type { Case, EndpointCase } from './case.ts';
import { withCreated } from './created-policy.ts';
import { withGitVersion } from './git-state.ts';

export interface DriftOfHost {
  readonly policy: PolicyDrift;
  /** Which side names the host. */
  readonly side: 'git' | 'live';
}

/** The drift entries that concern this host: one side names it, the other does not. */
export function driftOfHost(drift: Case['drift'], host: string): readonly DriftOfHost[] {
  return drift.ok ? sidesNaming(drift.value, host) : [];
}

function sidesNaming(report: DriftReport, host: string): DriftOfHost[] {
  return report.policies.flatMap((policy) => {
    const git = policy.differences.some((difference) => onlyIn(difference.git, difference.live, host));
    const live = policy.differences.some((difference) => onlyIn(difference.live, difference.git, host));
    const sides: DriftOfHost[] = [];
    if (git) sides.push({ policy, side: 'git' });
    if (live) sides.push({ policy, side: 'live' });
    return sides;
  });
}

function onlyIn(here: FieldDifference['git'], there: FieldDifference['git'], host: string): boolean {
  return names(here, host) && !names(there, host);
}

/** Compares whole strings, so that `vendor.example` is not found in `files.vendor.example`. */
function names(value: unknown, host: string): boolean {
  if (typeof value === 'string') return value.toLowerCase().replace(/\.$/, '') === host;
  if (Array.isArray(value)) return value.some((item) => names(item, host));
  if (value !== null && typeof value === 'object') return Object.values(value).some((item) => names(item, host));
  return false;
}

/**
 * The policy whose version in Git, or that only Git has and a controller will create, lets the endpoint through that the live one denies: host, port and protocol, by the engine's
 * rules. That Git merely names the host somewhere is not enough.
 */
export function gitWouldAllow(seen: Case, endpoint: EndpointCase): PolicyDrift | undefined {
  const { lookup, connect } = endpoint.evaluation;
  if (!seen.drift.ok || ![lookup, connect].some(({ decision }) => decision === 'denied')) return undefined;
  return seen.drift.value.policies.find((drift) => allows(seen, endpoint, drift));
}

/** What differs, and what a controller will create: a document that nobody applies here is no drift of this cluster. */
function allows(seen: Case, endpoint: EndpointCase, drift: PolicyDrift): boolean {
  const state = drift.kind === 'differs' ? withGitVersion(seen.state, drift) : withCreated(seen.state, drift);
  if (state === undefined) return false;
  const { lookup, connect } = evaluateEgress(state, seen.pod, endpoint.evaluation.destination);
  return connect.decision === 'allowed' && lookup.decision !== 'denied';
}

/** GITOPS_DRIFT: Git would allow the failing host, the live policy does not, or the reverse for a working one. */
import type { DriftReport, FieldDifference, PolicyDrift } from '../model/drift.ts';
import type { Case, EndpointCase } from './case.ts';

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

/** True when the failing endpoint is one that Git's version of a policy names and the live one does not. */
export const gitWouldAllow = (seen: Case, endpoint: EndpointCase): DriftOfHost | undefined =>
  driftOfHost(seen.drift, endpoint.host).find((drift) => drift.side === 'git');

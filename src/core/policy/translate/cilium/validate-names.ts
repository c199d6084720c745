/** Whether the agent takes an entry of toFQDNs or of rules.dns; used by the validation of Cilium policies. */
import type { FqdnSelector } from '../../../model/policy.ts';
import type { EngineSettings } from '../../engine/settings.ts';
import { selectorProblem } from '../../fqdn/selector.ts';

type Minor = Pick<EngineSettings, 'minor'>;

/** Why the agent refuses the whole policy for an entry of toFQDNs; undefined when it takes it. */
export function nameProblem(selector: FqdnSelector, settings: Minor): string | undefined {
  // An empty entry selects nothing, but is taken (pkg/policy/api, FQDNSelector.sanitize).
  if (!selector.matchName && !selector.matchPattern) return undefined;
  const reason = selectorProblem(selector, settings.minor);
  // The agent measures patterns only, and those since 1.19; over-long ones that it takes select nothing.
  const measured = settings.minor >= 19 && !selector.matchName;
  return reason?.includes('longer than') && !measured ? undefined : reason;
}

/** The same for an entry of rules.dns, which may have both fields: either admits the name (PortRuleDNS.Sanitize). */
export function dnsEntryProblem(
  { matchName, matchPattern }: FqdnSelector,
  settings: EngineSettings,
): string | undefined {
  return (
    (matchName ? nameProblem({ matchName }, settings) : undefined) ??
    (matchPattern ? nameProblem({ matchPattern }, settings) : undefined)
  );
}

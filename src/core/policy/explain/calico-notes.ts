/** The premises of verdicts on Calico; collected by `kind-notes.ts`. */
import type { EngineFacts } from '../../model/cluster-state.ts';
import type { Trace } from '../decide/decide.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import type { PolicyRule } from '../rules/rule.ts';

export function calicoNotes({ rules, settings }: PodPolicy, traces: readonly Trace[], engine: EngineFacts): string[] {
  if (settings.engine !== 'calico') return [];
  const toOwnNode = traces.some(({ identity, decision }) => identity.kind === 'host' && decision === 'allowed');
  return [
    ...(toOwnNode ? [OWN_NODE] : []),
    ...(engine.edition === undefined && rules.some(namesDomains) ? [EDITION] : []),
  ];
}

/** felix/rules/static.go: it decides after the pod's policies; Felix alone would drop, the manifests and the operator say Accept. */
const OWN_NODE =
  "what Calico's defaultEndpointToHostAction does with packets to the pod's own node was not read: it is taken to accept them";

const EDITION =
  'domains are known to Calico Enterprise and Calico Cloud only: as a policy has them, one of these is taken to run here';

function namesDomains({ policy, peers }: PolicyRule): boolean {
  return (
    policy.kind.endsWith('.projectcalico.org') &&
    typeof peers !== 'string' &&
    peers.some(({ path }) => /\.domains\[\d+\]$/.test(path))
  );
}

/** A trace as a stage verdict with its one sentence; shared by the lookup and the connect stage. */
import type { StageVerdict } from '../../model/evaluation.ts';
import type { Trace } from '../decide/decide.ts';
import { listed, matchRef, packetText, policyName, refText } from '../explain/sentences.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';

/** The verdict of one packet in words. */
export function stageOf(policy: PodPolicy, trace: Trace): StageVerdict {
  const decidedBy = trace.decidedBy.map(matchRef);
  const rejects = trace.decision === 'denied' && trace.decidedBy.some(({ rule }) => rule.rejects);
  const explanation = sentence(policy, trace);
  return { decision: trace.decision, reason: trace.reason, decidedBy, explanation, ...(rejects && { rejects: true }) };
}

function sentence(policy: PodPolicy, trace: Trace): string {
  const packet = packetText(trace.identity);
  const by = listed(trace.decidedBy.map((match) => refText(matchRef(match))));
  switch (trace.reason) {
    case 'host_network':
      return `The pod uses the host network, which pod policies do not govern: ${packet} is allowed.`;
    case 'enforcement_off':
      return `Cilium's enable-policy is "never": ${packet} is allowed whatever the policies say.`;
    case 'not_applicable':
      return `${packet} stays inside the pod, where no policy sees it.`;
    case 'not_isolated':
      return notIsolated(policy, packet);
    case 'allowed_by_rule':
      return `${by} allows ${packet}.`;
    case 'explicit_deny':
      return `${by} denies ${packet}; ${whyDenyWins(trace)}.`;
    case 'default_deny':
      return `${isolation(policy, trace)}, and none of its rules allows ${packet}: dropped.`;
    case 'address_unknown':
      return `${by} might decide about ${packet}, but ${trace.why ?? 'the address is not known'}.`;
    case 'dns_not_proxied':
      return `${by} names the destination, but ${trace.why}: ${otherwiseLearned(policy)}.`;
    default:
      return `Undecided about ${packet}: ${trace.why ?? 'the cluster state is incomplete'}.`;
  }
}

function notIsolated({ isolatedBy }: PodPolicy, packet: string): string {
  return isolatedBy.length > 0
    ? `What isolates the pod's egress passes ${packet} on, and nothing after it drops that: allowed.`
    : `No policy isolates the pod's egress: ${packet} is allowed.`;
}

function otherwiseLearned({ settings }: PodPolicy): string {
  return settings.engine === 'cilium'
    ? 'probably dropped; allowed only if another pod on the node looks the name up through the proxy'
    : 'it depends on which addresses the engine has on record for the name';
}

function whyDenyWins({ layer, decidedBy }: Trace): string {
  if (layer?.key.mode !== 'ordered') return 'a deny beats every allow';
  const how = decidedBy.some(({ rule }) => rule.rejects) ? ', and the engine answers with a refusal' : '';
  return `it is the first rule of ${layer.key.name} that matches${how}`;
}

/** Why what no rule allows is dropped although no policy isolates the pod. */
export function whatDrops({ dropsBecause }: PodPolicy): string {
  return dropsBecause ?? `Cilium's enable-policy is "always", which isolates every pod`;
}

/** Why what no rule allows is dropped. */
function isolation(policy: PodPolicy, { layer }: Trace): string {
  const isolatedBy = layer?.isolatedBy ?? policy.isolatedBy;
  if (isolatedBy.length === 0) return whatDrops(policy);
  const where = layer?.key.mode === 'ordered' ? ` in ${layer.key.name}` : '';
  return `The pod's egress is isolated${where} by ${listed(isolatedBy.map(policyName))}`;
}

/**
 * In audit mode no packet is dropped, whatever the rules say (policy-semantics §3.2). Cilium's guide "Creating Policies from
 * Verdicts" promises that for layers 3 and 4 only, so what the DNS proxy does with a name it filters stays open.
 */
export function audited(policy: PodPolicy, stage: StageVerdict): StageVerdict {
  if (!policy.settings.cilium || !policy.settings.audit || stage.decision === 'allowed') return stage;
  if (stage.reason === 'server_name_refused') {
    const explanation = `Undecided about TLS: policy-audit-mode is known to cover layers 3 and 4, not server names. ${stage.explanation}`;
    return { ...stage, decision: 'unknown', explanation };
  }
  if (stage.reason === 'dns_name_refused') {
    const explanation = `Undecided about the lookup: policy-audit-mode is known to cover layers 3 and 4, not the DNS proxy. ${stage.explanation}`;
    return { ...stage, decision: 'unknown', explanation };
  }
  const explanation = `Cilium runs in policy-audit-mode, so nothing is dropped; otherwise: ${stage.explanation}`;
  return { ...stage, decision: 'allowed', reason: 'enforcement_off', explanation };
}

/** Several packets that must all pass: alike, or undecided with each side named. */
export function combine(stages: readonly StageVerdict[]): StageVerdict | undefined {
  const first = stages[0];
  if (!first || stages.every((one) => one.decision === first.decision))
    return first && { ...first, decidedBy: refsOf(stages) };
  const worst =
    stages.find((one) => one.decision === 'denied') ?? stages.find((one) => one.decision === 'unknown') ?? first;
  const sides = ['denied', 'unknown', 'allowed'].flatMap(
    (decision) => stages.find((one) => one.decision === decision)?.explanation ?? [],
  );
  return {
    decision: 'unknown',
    reason: worst.reason,
    decidedBy: refsOf(stages),
    explanation: `It depends on the address: ${sides.join(' ')}`,
  };
}

function refsOf(stages: readonly StageVerdict[]): StageVerdict['decidedBy'] {
  const refs = stages.flatMap((one) => one.decidedBy);
  if (refs.length < 2) return refs;
  const keys = refs.map((ref) => `${policyName(ref.policy)} ${ref.path} ${ref.text}`);
  return refs.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
}

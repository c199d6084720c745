/** Findings from the policies: what they decide, what probably was meant, and which kinds could not be read. */
import { endpointName } from '../causes/cause-rule.ts';
import { refText } from '../causes/policy-denies.ts';
import type { NotRead } from '../model/cluster-state.ts';
import type { NearMiss, StageVerdict } from '../model/evaluation.ts';
import type { Evidence, Finding } from '../model/evidence.ts';
import { works } from '../path/phase.ts';
import type { Case, EndpointCase } from './case.ts';
import { unchecked } from './findings-probe.ts';
import { unevaluatedFindings } from './unevaluated.ts';

export function policyFindings(seen: Case, endpoint: EndpointCase): readonly Finding[] {
  const { lookup, connect, mesh } = endpoint.evaluation;
  return [
    ...(endpoint.evaluation.destination.host === undefined
      ? []
      : [
          stageFinding(seen, endpoint, lookup, {
            id: 'policy-denies-lookup',
            statement: `Policy denies the lookup of ${endpoint.host}.`,
          }),
        ]),
    stageFinding(seen, endpoint, connect, {
      id: 'policy-denies-connect',
      statement: `Policy denies ${endpointName(endpoint)}.`,
    }),
    ...(mesh === undefined
      ? []
      : [
          stageFinding(seen, endpoint, mesh, {
            id: 'mesh-blocks-connect',
            statement: `The mesh's proxy in the pod does not let ${endpointName(endpoint)} through.`,
          }),
        ]),
    ...nearMissFinding(seen, endpoint),
    ...unenforcedFinding(seen, endpoint),
    ...accidentFinding(seen, endpoint),
    ...disagreement(seen, endpoint),
    ...meshDisagreement(seen, endpoint),
  ];
}

function stageFinding(
  seen: Case,
  endpoint: EndpointCase,
  stage: StageVerdict,
  { id, statement }: { readonly id: string; readonly statement: string },
): Finding {
  if (stage.decision === 'unknown') return unchecked(id, statement, undecided(stage, endpoint));
  const evidence = stageEvidence(seen, endpoint, stage);
  return { id, state: stage.decision === 'denied' ? 'confirmed' : 'ruled_out', statement, evidence };
}

/** Much may be unread that has no part in it: the step is that of the gap which the verdict names. */
function undecided(stage: StageVerdict, { evaluation }: EndpointCase): NotRead {
  const gap = evaluation.notEvaluated.find(({ what }) => stage.explanation.includes(what));
  return {
    what: stage === evaluation.mesh ? "the mesh's verdict" : 'policy verdict',
    code: 'not_asked',
    reason: stage.explanation,
    ...(gap?.nextStep === undefined ? {} : { nextStep: gap.nextStep }),
  };
}

function stageEvidence(seen: Case, { evaluation }: EndpointCase, stage: StageVerdict): readonly Evidence[] {
  const deciding: Evidence[] = stage.decidedBy.map((rule) => ({
    source: 'policy',
    where: `${refText(rule.policy)} ${rule.path}`,
    what:
      stage.reason === 'server_name_refused'
        ? `${rule.text}, for TLS with other server names`
        : `${rule.effect}: ${rule.text}`,
    when: seen.asOf,
  }));
  const isolating: Evidence[] =
    stage.reason === 'default_deny'
      ? evaluation.isolatedBy.map((policy) => ({
          source: 'policy',
          where: refText(policy),
          what: 'selects the pod and puts it in egress default-deny',
          when: seen.asOf,
        }))
      : [];
  const all = [...deciding, ...isolating];
  return all.length > 0
    ? all
    : [
        {
          source: 'policy',
          where: stage === evaluation.mesh ? "the mesh's configuration" : 'all policies read',
          what: stage.explanation,
          when: seen.asOf,
        },
      ];
}

function nearMissFinding(seen: Case, { evaluation }: EndpointCase): readonly Finding[] {
  const misses = evaluation.nearMisses.filter(({ kind }) => kind !== NOT_ENFORCED && kind !== ACCIDENT);
  return missFinding(seen, misses, {
    id: 'rule-meant-to-match',
    statement: 'A rule that exists was probably meant to match.',
  });
}

const NOT_ENFORCED: NearMiss['kind'] = 'policy_not_enforced';
const ACCIDENT: NearMiss['kind'] = 'shared_address';

/** It works, and not because anybody allowed it. */
function accidentFinding(seen: Case, endpoint: EndpointCase): readonly Finding[] {
  const accidents = endpoint.evaluation.nearMisses.filter(({ kind }) => kind === ACCIDENT);
  return missFinding(seen, accidents, {
    id: 'allowed-by-accident',
    statement: `${endpointName(endpoint)} is let through only by a rule for another name of the same address.`,
  });
}

/** A policy of another engine, or on a network that enforces none: what it says is not what happens. */
function unenforcedFinding(seen: Case, { evaluation }: EndpointCase): readonly Finding[] {
  const idle = evaluation.nearMisses.filter(({ kind }) => kind === NOT_ENFORCED);
  return missFinding(seen, idle, {
    id: 'policy-not-enforced',
    statement: 'A policy that would decide about the connection is enforced by nobody here.',
  });
}

function missFinding(
  seen: Case,
  misses: readonly NearMiss[],
  head: { readonly id: string; readonly statement: string },
): readonly Finding[] {
  if (misses.length === 0) return [];
  const evidence = misses.slice(0, 5).map((miss) => ({
    source: 'policy' as const,
    where: `${refText(miss.rule.policy)} ${miss.rule.path}`,
    what: `${miss.statement} (${miss.kind})`,
    when: seen.asOf,
  }));
  return [{ ...head, state: 'confirmed', evidence }];
}

/** Rules deny, packets pass: stated, never resolved by picking one. The usual reason is the node's shared FQDN cache. */
function disagreement(seen: Case, endpoint: EndpointCase): readonly Finding[] {
  if (!works(endpoint) || endpoint.evaluation.connect.decision !== 'denied') return [];
  return [
    {
      id: 'policy-and-packets-disagree',
      state: 'confirmed',
      statement: `The rules that were read deny ${endpointName(endpoint)}, yet the probe in the pod says that it connects: an address shared with an allowed name, a name learned by another pod of the node, a policy newer than what is enforced, or a container that makes the probe lie.`,
      evidence: stageEvidence(seen, endpoint, endpoint.evaluation.connect),
    },
  ];
}

/** The far side answered a handshake that the mesh's configuration blocks. */
function meshDisagreement(seen: Case, endpoint: EndpointCase): readonly Finding[] {
  const { mesh } = endpoint.evaluation;
  if (!works(endpoint) || mesh?.decision !== 'denied') return [];
  return [
    {
      id: 'mesh-and-packets-disagree',
      state: 'confirmed',
      statement: `The mesh's configuration that was read blocks ${endpointName(endpoint)}, yet it connects: the pod's traffic may go around the proxy, or the proxy has another configuration.`,
      evidence: stageEvidence(seen, endpoint, mesh),
    },
  ];
}

/** Every kind or object that could not be read, as itself: never folded into "no policy found". */
export const gapFindings = (seen: Case): readonly Finding[] => [
  ...seen.state.notRead
    .filter((gap) => gap.code !== 'kind_absent')
    .map((gap) => unchecked(`not-read:${gap.what}`, `The cluster's ${gap.what} were read.`, gap)),
  ...unevaluatedFindings(seen.state.unsupported),
];

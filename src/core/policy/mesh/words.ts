/** The three verdicts a mesh stage can have; for `istio.ts`, `linkerd.ts` and `stages/mesh.ts`. */
import type { RuleRef, StageVerdict } from '../../model/evaluation.ts';

export function allows(explanation: string, decidedBy: readonly RuleRef[] = []): StageVerdict {
  return { decision: 'allowed', reason: 'mesh_allows', decidedBy, explanation };
}

export function blocks(explanation: string, decidedBy: readonly RuleRef[]): StageVerdict {
  return { decision: 'denied', reason: 'mesh_blocks', decidedBy, explanation };
}

export function undecided(why: string, decidedBy: readonly RuleRef[] = []): StageVerdict {
  const explanation = `Undecided about the pod's mesh: ${why.replace(/\.$/, '')}.`;
  return { decision: 'unknown', reason: 'incomplete_state', decidedBy, explanation };
}

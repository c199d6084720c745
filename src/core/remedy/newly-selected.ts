/** Whether a corrected selector takes pods that are governed otherwise than the asked one: it could isolate them, or deny and filter what they do; for `propose.ts`. */
import type { PolicyChange } from '../model/evaluation.ts';
import type { Pod } from '../model/workload.ts';
import { policyName } from '../policy/explain/sentences.ts';
import { selectingOf } from '../policy/rules/pod-policy.ts';
import type { States } from './other-pods.ts';

/** What is proved for the pod holds for pods under the same policies; of others nothing was proved. */
export function takesStrangers({ before, after }: States, pod: Pod, changes: readonly PolicyChange[]): boolean {
  const edited = new Set(changes.filter(editsSubject).map(({ policy }) => policyName(policy)));
  if (edited.size === 0) return false;
  const governing = (state: States['before'], one: Pod): string[] =>
    selectingOf(state, one).map(({ translated }) => policyName(translated.ref));
  const own = governing(before, pod).sort().join();
  return before.pods.some((one) => {
    const was = governing(before, one);
    const taken = governing(after, one).some((name) => edited.has(name) && !was.includes(name));
    return taken && was.sort().join() !== own;
  });
}

function editsSubject({ path }: PolicyChange): boolean {
  const at = path.findIndex((key) => key === 'endpointSelector' || key === 'podSelector');
  // A peer of an egress rule has selectors, too.
  return at !== -1 && !path.slice(0, at).includes('egress');
}

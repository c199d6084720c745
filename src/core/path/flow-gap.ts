/** What a source of flows lacks, in words: whoever finds no drop in a report must say these beside it. Used by findings and `render/flows.ts`. */
import type { FlowGap, FlowReport } from '../model/flow.ts';
import type { Pod } from '../model/workload.ts';

const LOST_WHERE: Readonly<Record<Extract<FlowGap, { readonly kind: 'lost_events' }>['where'], string>> = {
  kernel: 'between the kernel and the agent, whose event buffer was full',
  queue: 'before Hubble, whose queue was full',
  buffer: 'in Hubble’s ring buffer: they were overwritten before they could be read',
  unknown: 'on the way',
};

export function flowGapText(gap: FlowGap): string {
  switch (gap.kind) {
    case 'lost_events':
      return `${gap.count === 0 ? 'some' : gap.count} events of the node were lost ${LOST_WHERE[gap.where]}`;
    case 'buffer_begins':
      return `Hubble’s buffer on the node begins at ${gap.at}: the first ${gap.seconds} s of the time asked for are not in it`;
    case 'buffer_empty':
      return 'Hubble has no event at all of the pod’s node';
    case 'kept_for':
      return `flows are kept for ${gap.seconds} s where Calico is set up as usual, and lost when their store is restarted: what is older is not in it`;
    case 'buffer_unknown':
      return 'how far back Hubble’s buffer goes could not be read';
  }
}

/**
 * An empty `flows` is then how such a report is built, and says nothing. Felix hands flows over after some 23 s at the latest, and lets go
 * of what its buffers or Goldmane's cannot take (felix/collector; goldmane/pkg/goldmane, Receive).
 */
const FOLDED =
  "Calico's flow log (Goldmane) folds connections together and tells of them half a minute late: it can show that packets were denied, not that none were";

/** Why "no such flow" of this pod cannot be said; undefined when the report is whole. */
export function openAboutReport(
  { truncated, grouped, missing = [] }: FlowReport,
  { hostNetwork }: Pod,
): string | undefined {
  // The node's addresses are those of its host endpoint, whatever pod uses them.
  if (hostNetwork)
    return "the pod uses its node's network, so that its packets are told as the node's, not as the pod's";
  if (grouped !== undefined) return FOLDED;
  if (missing.length > 0) return missing.map(flowGapText).join('; ');
  return truncated ? 'the report of flows was cut short by its limit, or the engine lost some' : undefined;
}

/** Whether the relay is connected to the pod's node, by what it has said; used by `relay-source.ts` and `relay-follow.ts`. */
import type { NotRead } from '../../core/model/cluster-state.ts';
import type { FlowCollector } from '../collect-flows.ts';
import { isNode } from '../decode-notice.ts';
import type { RelaySession } from './relay-session.ts';

/** Why the relay cannot tell anything of the node; undefined when it can. */
export function disconnected({ name }: RelaySession, { nodes }: FlowCollector, node: string): NotRead | undefined {
  const state = [...nodes].find(([told]) => isNode(told, node))?.[1];
  if (state?.connected === true) return undefined;
  return {
    what: name,
    code: 'unsupported',
    reason: `it has no connection to node ${node}, where the pod runs`,
    ...(state?.message && { said: state.message }),
    nextStep: 'The log of Hubble Relay tells why it cannot reach Hubble on that node (port 4244).',
  };
}

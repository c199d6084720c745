/** MESH_EGRESS_CONFIG: the mesh's proxy in the pod does not let the connection out (REGISTRY_ONLY, a Sidecar's hosts, an EgressNetwork that denies). */
import type { Cause } from '../model/diagnosis.ts';
import type { TlsReport } from '../model/probe.ts';
import { type Assessment, endpointName, type Suspect } from './cause-rule.ts';

export function meshBlocks(suspect: Suspect): Assessment | undefined {
  const { endpoint } = suspect;
  const { mesh, connect } = endpoint.evaluation;
  const confidence = meshConfidence(suspect);
  if (mesh?.decision !== 'denied' || confidence === undefined) return undefined;
  const name = endpointName(endpoint);
  const also = connect.decision === 'denied' ? ' The network policies do not allow it either.' : '';
  return {
    class: 'MESH_EGRESS_CONFIG',
    confidence,
    statement: `The mesh does not let the pod reach ${name}. ${mesh.explanation}${also}`,
    ...(confidence === 'proven'
      ? {}
      : { decidedBy: `the access log of the pod's mesh proxy (${CLUES}) during a connection to ${name}` }),
  };
}

/** What Envoy logs of traffic that it blocks, and what Linkerd's proxy does. */
const CLUES = "BlackHoleCluster, or the response flags NR and UH, in Istio's; a forbidden route in Linkerd's";

/**
 * `proven`: the mesh's configuration blocks it, no policy does, and the connection that the proxy opened was cut off without an answer.
 * `likely`: the configuration blocks it, and nothing contradicts. `possible`: the connection hung, where a proxy would have ended it,
 * or something answered before it was cut off.
 * Undefined: the connection did not even open, which is no proxy's doing.
 */
function meshConfidence({ endpoint, phase }: Suspect): Cause['confidence'] | undefined {
  if (phase.kind === 'not_probed') return 'likely';
  if (phase.kind !== 'incomplete' && phase.kind !== 'tls_failed') return undefined;
  const { connects, tls } = phase.report;
  const opened = connects.some(({ outcome }) => outcome === 'connected');
  if (!opened || tls.outcome === 'not_checked') return 'likely';
  if (!CUT_OFF.has(tls.outcome) || (tls.receivedBytes ?? 0) > 0) return 'possible';
  if (tls.outcome === 'failed' && tls.receivedBytes === undefined) return 'likely';
  return endpoint.evaluation.connect.decision === 'denied' ? 'likely' : 'proven';
}

const CUT_OFF: ReadonlySet<TlsReport['outcome']> = new Set(['reset', 'failed']);

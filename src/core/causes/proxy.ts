/** HTTP_PROXY: the environment sends the connection through a proxy that says no, or that is not reached. */
import type { ProxyReport } from '../model/probe.ts';
import { proxyOf } from '../path/proxy-env.ts';
import { type Assessment, type CauseRule, endpointName } from './cause-rule.ts';

/**
 * Asked last, where the direct way fails and neither policy nor engine explains it: an application that honours the variables
 * never takes the direct way. 407 may be meant for the probe alone, which sends no credentials.
 */
export const proxyRefuses: CauseRule = ({ case: seen, endpoint, phase }): Assessment | undefined => {
  if (phase.kind === 'not_probed' || !endpoint.probe.ok) return undefined;
  const { proxy } = endpoint.probe.value;
  const named = proxyOf(seen, endpoint);
  if (proxy === undefined || named === undefined || proxy.outcome === 'tunnel') return undefined;
  if (proxy.variable !== named.variable) return undefined;
  const at = `the proxy ${proxy.host}:${proxy.port} (${proxy.variable})`;
  if (proxy.outcome === 'not_reached') {
    return {
      class: 'HTTP_PROXY',
      confidence: 'likely',
      statement: `The container's environment sends ${endpointName(endpoint)} through ${at}, which this pod does not reach.`,
      decidedBy: `a diagnosis of ${proxy.host}:${proxy.port} from this pod`,
    };
  }
  if (proxy.outcome !== 'refused_by_proxy' || refusesTunnelsOnly(endpoint, proxy)) return undefined;
  const { confidence, words, decidedBy } = refusal(proxy, endpoint.host);
  return {
    class: 'HTTP_PROXY',
    confidence,
    statement: `The container's environment sends ${endpointName(endpoint)} through ${at}, which answered ${proxy.status ?? 'no'} to CONNECT: ${words}.`,
    decidedBy,
  };
};

interface Refusal {
  readonly confidence: Assessment['confidence'];
  readonly words: string;
  readonly decidedBy: string;
}

/** RFC 9110 §15: only 403 (and 451) speaks of a rule, and the gateway's 5xx of what lies behind the proxy. */
function refusal({ status = 0 }: ProxyReport, host: string): Refusal {
  const log = `the proxy's access log for ${host}`;
  switch (status) {
    case 407:
      return {
        confidence: 'possible',
        words: 'it wants credentials, which the probe never sends',
        decidedBy: `whether the application sends credentials to the proxy (the proxy's access log)`,
      };
    case 403:
    case 451:
      return { confidence: 'likely', words: 'its own rules refuse the destination', decidedBy: log };
    case 502:
    case 503:
    case 504:
      return { confidence: 'likely', words: 'it does not reach the destination itself', decidedBy: log };
    default:
      return {
        confidence: 'possible',
        words: 'it opens no tunnel, for a reason that this answer does not tell',
        decidedBy: log,
      };
  }
}

/** Proxies commonly let plain HTTP through by GET and no tunnel to port 80: a CONNECT that is refused there says nothing. */
export const refusesTunnelsOnly = ({ port }: { readonly port: number }, { status }: ProxyReport): boolean =>
  port === 80 && status !== undefined && status !== 407 && status >= 400;

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
  const wantsCredentials = proxy.status === 407;
  return {
    class: 'HTTP_PROXY',
    confidence: wantsCredentials ? 'possible' : 'likely',
    statement: `The container's environment sends ${endpointName(endpoint)} through ${at}, which answered ${proxy.status ?? 'no'} to CONNECT${wantsCredentials ? ': it wants credentials, which the probe never sends' : ': its own rules refuse the destination'}.`,
    decidedBy: wantsCredentials
      ? `whether the application sends credentials to the proxy (the proxy's access log)`
      : `the proxy's access log for ${endpoint.host}`,
  };
};

/** Proxies commonly let plain HTTP through by GET and no tunnel to port 80: a CONNECT that is refused there says nothing. */
export const refusesTunnelsOnly = ({ port }: { readonly port: number }, { status }: ProxyReport): boolean =>
  port === 80 && status !== undefined && status !== 407 && status >= 400;

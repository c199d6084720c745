/** Whether the logs show the application going to the endpoint by a proxy, also where no variable of the environment names one; read by causes, fix and next steps. */
import type { Case, EndpointCase } from '../verdict/case.ts';
import { isAbout } from '../verdict/log-failures.ts';
import { proxyOf } from './proxy-env.ts';

/**
 * As urllib3, Go, curl, Node, Java and .NET word it. It is text of others: it holds back a change of a policy and takes certainty away,
 * never the other way round.
 */
const BY_PROXY =
  /ProxyError|proxyconnect|(?:to|through|from|with) (?:the )?(?:HTTP )?proxy\b(?![.-])|(?:proxy tunnel|tunnel connection failed)|ProxyConnect(?:ion)?Exception/i;

export function logsNameProxy({ logs }: Pick<Case, 'logs'>, endpoint: EndpointCase): boolean {
  return logs.ok && logs.value.failures.some((failure) => isAbout(failure, endpoint) && BY_PROXY.test(failure.excerpt));
}

/** By the environment or by its logs, the application does not go the direct way. */
export function isByProxy(seen: Pick<Case, 'logs' | 'probe'>, endpoint: EndpointCase): boolean {
  return proxyOf(seen, endpoint) !== undefined || logsNameProxy(seen, endpoint);
}

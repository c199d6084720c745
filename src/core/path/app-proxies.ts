/** The proxy variables of the application, where a probe had to run in another container of its pod: its environment is another one; used by `diagnose/steps/probe-ways.ts`. */
import type { ProbeReport } from '../model/probe.ts';
import type { Pod } from '../model/workload.ts';
import { proxyValue } from '../text/proxy-value.ts';
import { appContainer } from './choose-container.ts';

const PROXY = /^(?:https?|no|all)_proxy$/i;

export const FROM_SPEC =
  "the application's proxy variables are those that the pod's specification spells out: what comes from the image, a ConfigMap or a Secret was not seen";

/** `wanted`: the container that the user named. */
export function withAppProxies(report: ProbeReport, pod: Pod, wanted?: string): ProbeReport {
  const app = pod.containers.find(({ name }) => name === (wanted ?? appContainer(pod)?.name));
  if (app === undefined || report.container === app.name) return report;
  const proxies = Object.entries(app.env).filter(([name]) => PROXY.test(name));
  const proxyEnv = Object.fromEntries(proxies.map(([name, value]) => [name, proxyValue(name, value)]));
  return { ...report, proxyEnv, limits: [...report.limits, FROM_SPEC] };
}

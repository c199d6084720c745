/** Findings from the engine's flows and the pod's logs. */
import { endpointName } from '../causes/cause-rule.ts';
import { isOfApplication, isOfConnection } from '../logs/failure-kinds.ts';
import type { NotRead } from '../model/cluster-state.ts';
import type { Finding } from '../model/evidence.ts';
import type { Flow, FlowReport } from '../model/flow.ts';
import type { LogFailure, LogReport } from '../model/logs.ts';
import type { Pod } from '../model/workload.ts';
import { openAboutReport } from '../path/flow-gap.ts';
import { isSentDrop } from '../path/match-drop.ts';
import { works } from '../path/phase.ts';
import type { Case, EndpointCase } from './case.ts';
import { unchecked } from './findings-probe.ts';
import { isAbout } from './log-failures.ts';
import { presignedUrlOf } from './second-hop.ts';

export function dropFinding(seen: Case, endpoint: EndpointCase): Finding {
  const statement = `The policy engine reported a drop of ${endpointName(endpoint)}.`;
  if (endpoint.drops.length > 0) {
    return {
      id: 'engine-reports-drop',
      state: 'confirmed',
      statement,
      evidence: endpoint.drops.slice(0, 3).map((flow) => flowEvidence(seen, flow)),
    };
  }
  if (!seen.flows.ok) return unchecked('engine-reports-drop', statement, seen.flows.notRead);
  const open = openAboutDrops(seen.flows.value, seen.pod, endpoint);
  if (open !== undefined)
    return unchecked('engine-reports-drop', statement, {
      what: 'drops of the pod',
      code: 'unsupported',
      reason: open,
      ...laterStep(seen.flows.value, endpoint),
    });
  const what = `no drop towards it among ${seen.flows.value.flows.length} flow(s) of this pod`;
  return {
    id: 'engine-reports-drop',
    state: 'ruled_out',
    statement,
    evidence: [{ source: 'flow', where: seen.flows.value.source, what, when: seen.asOf }],
  };
}

/** Flows that are folded together come after the probe has ended. */
function laterStep({ grouped }: FlowReport, endpoint: EndpointCase): Pick<NotRead, 'nextStep'> {
  if (grouped === undefined || works(endpoint)) return {};
  return { nextStep: "Ask observeFlows half a minute later: Calico's flow log has the probe's own packets by then." };
}

/** Only where the logs show this endpoint failing, at a time that is over, and flows of that time could be asked for. */
export function pastDropFindings(seen: Case, endpoint: EndpointCase): readonly Finding[] {
  const { pastFlows, logs } = seen;
  const failed = logs.ok ? logs.value.failures.filter((failure) => isAbout(failure, endpoint)) : [];
  if (!logs.ok || failed.length === 0 || pastFlows?.ok !== true) return [];
  const id = 'drop-at-failure';
  const statement = `The policy engine dropped ${endpointName(endpoint)} when the logs last show it failing.`;
  const { flows, source } = pastFlows.value;
  const [last, own] = [lastOf(logs.value.failures), lastOf(failed)];
  if (!(last - own <= SAME_TIME_MS))
    return [
      unchecked(id, statement, {
        what: 'drops of that time',
        code: 'unsupported',
        reason: 'flows were asked for around the last failure in the logs, which is on another host and later',
        nextStep: 'Ask observeFlows with the time of the failure (at).',
      }),
    ];
  const drops = endpoint.pastDrops ?? [];
  if (drops.length > 0) {
    const evidence = drops.slice(0, 3).map((flow) => evidenceOf(flow, source));
    return [{ id, state: 'confirmed', statement, evidence }];
  }
  const open =
    openAboutDrops(pastFlows.value, seen.pod, endpoint) ?? openAboutThen(pastFlows.value, endpoint) ?? otherClock(seen);
  if (open !== undefined)
    return [unchecked(id, statement, { what: 'drops of that time', code: 'unsupported', reason: open })];
  const what = `no drop towards it among ${flows.length} flow(s) of that time`;
  return [{ id, state: 'ruled_out', statement, evidence: [{ source: 'flow', where: source, what, when: seen.asOf }] }];
}

/** What flows are asked for begins long enough before the last failure (`diagnose/steps/past-drops.ts`) to hold one so much earlier. */
const SAME_TIME_MS = 10_000;

/** The time of the failure is by the node's clock, how long ago that was by the clock here. */
function otherClock({ probe }: Case): string | undefined {
  const skew = probe.ok ? Math.abs(probe.value.clockSkewSeconds ?? 0) : 0;
  return skew < MOST_SKEW_SECONDS
    ? undefined
    : `the pod's clock and the one here differ by ${Math.round(skew)} s, so flows of another time were asked for`;
}

/** What the window holds on its shorter side. */
const MOST_SKEW_SECONDS = 5;

function lastOf(failures: LogReport['failures']): number {
  const times = failures.map(({ lastSeen = '' }) => Date.parse(lastSeen)).filter((time) => !Number.isNaN(time));
  return times.length === 0 ? Number.NaN : Math.max(...times);
}

/** The name may have had other addresses then. */
function openAboutThen({ flows }: FlowReport, { port, evaluation }: EndpointCase): string | undefined {
  const { host } = evaluation.destination;
  const nameless = flows.filter(
    (flow) => isSentDrop(flow) && flow.destination.port === port && flow.destination.names.length === 0,
  );
  if (host === undefined || nameless.length === 0) return undefined;
  return `${nameless.length} drop(s) on port ${port} go to addresses without a name, and ${host} may have had them then`;
}

/** Why "no drop towards it" cannot be said although flows were read; undefined when it can. */
function openAboutDrops(report: FlowReport, pod: Pod, { port, evaluation }: EndpointCase): string | undefined {
  const open = openAboutReport(report, pod);
  if (open !== undefined) return open;
  if (evaluation.destination.addresses.length > 0) return undefined;
  const nameless = report.flows.filter(
    (flow) => isSentDrop(flow) && flow.destination.port === port && flow.destination.names.length === 0,
  );
  if (nameless.length === 0) return undefined;
  return `${nameless.length} drop(s) on port ${port} go to addresses without a name, and the addresses of ${evaluation.destination.host ?? 'the destination'} are not known`;
}

const flowEvidence = (seen: Case, flow: Flow) => evidenceOf(flow, seen.flows.ok ? seen.flows.value.source : 'hubble');

const evidenceOf = (flow: Flow, where: string): Finding['evidence'][number] => ({
  source: 'flow',
  where,
  what: droppedWords(flow),
  when: flow.time,
  untrusted: flow.summary,
});

/** With the policy's name where the engine tells it: for a default deny there is none. */
function droppedWords({ verdict, dropReason, destination, deniedBy }: Flow): string {
  const { ip = '', port = '', protocol = '' } = destination;
  const to = `${ip}:${port}/${protocol}`;
  const by = deniedBy.length === 0 ? [] : [`by ${deniedBy.join(', ')}, as the engine names it`];
  return [verdict, ...(dropReason === undefined ? [] : [dropReason]), to, ...by].join(' ');
}

export function logFinding(seen: Case, endpoint: EndpointCase): Finding {
  const statement = `The pod's logs show the application failing on ${endpoint.host}.`;
  if (!seen.logs.ok) return unchecked('logs-name-host', statement, seen.logs.notRead);
  const report = seen.logs.value;
  const where = `logs of pod ${report.pod.namespace}/${report.pod.name}`;
  const failures = report.failures.filter((failure) => isAbout(failure, endpoint));
  const url = presignedUrlOf(seen, endpoint);
  if (failures.length === 0 && url === undefined) {
    const what = `${report.linesRead} line(s) of ${report.containers.join(', ')} name no failure on it`;
    const gap =
      perhapsAbout(report, endpoint) ??
      otherPort(report, endpoint) ??
      nameless(seen, report, endpoint) ??
      logGap(report, what);
    if (gap !== undefined) return unchecked('logs-name-host', statement, gap);
    return {
      id: 'logs-name-host',
      state: 'ruled_out',
      statement,
      evidence: [{ source: 'log', where, what, when: seen.asOf }],
    };
  }
  // A URL in the logs is no failure: the host may work.
  const presignedOnly = `The pod's logs show a presigned URL on ${endpoint.host}.`;
  const evidence = failures.slice(0, 3).map((failure) => ({
    source: 'log' as const,
    where: `${where} container ${failure.container}${failure.previous ? ', the instance before its last restart' : ''}`,
    what: `${failure.class}${placeText(failure)}${failure.library === undefined ? '' : ` (${failure.library})`}, ${failure.count} time(s)`,
    when: failure.lastSeen ?? seen.asOf,
    untrusted: failure.excerpt,
  }));
  const signed =
    url === undefined
      ? []
      : [
          {
            source: 'log' as const,
            where,
            what: `presigned URL (${url.presigned}) on ${url.host}`,
            when: seen.asOf,
            untrusted: url.display,
          },
        ];
  const said = failures.length > 0 ? saidOf(failures, endpoint) : undefined;
  return {
    id: 'logs-name-host',
    state: 'confirmed',
    statement: said ?? presignedOnly,
    evidence: [...evidence, ...signed],
  };
}

/** A proxy or a shipper of logs beside the application calls hosts of its own. */
function saidOf(failures: readonly LogFailure[], { host }: EndpointCase): string {
  if (failures.some(isOfApplication)) return `The pod's logs show the application failing on ${host}.`;
  const names = [...new Set(failures.map(({ container }) => container))].join(', ');
  return `The pod's logs show ${names}, beside the application, failing on ${host}.`;
}

/** Another port is another endpoint, with rules of its own. */
function otherPort({ failures }: LogReport, { host, port }: EndpointCase): NotRead | undefined {
  const others = failures.filter((failure) => failure.host === host && failure.port !== undefined);
  const [other] = others.flatMap((failure) => failure.port ?? []);
  if (other === undefined) return undefined;
  return {
    what: `failures at another port of ${host}`,
    code: 'unsupported',
    reason: `the logs show failures on ${host} at port ${other}, none at port ${port}`,
    nextStep: `Ask diagnoseEgress about ${endpointName({ host, port: other })}.`,
  };
}

/** Failures at an address that the name has not now: it may have had it then. */
function nameless({ state }: Case, { failures }: LogReport, { port, evaluation }: EndpointCase): NotRead | undefined {
  const { host } = evaluation.destination;
  const open = failures.filter(
    (failure) =>
      isOfConnection(failure) &&
      failure.host === undefined &&
      failure.possible === undefined &&
      (failure.port ?? port) === port &&
      !isInside(state, failure.address),
  );
  if (host === undefined || open.length === 0) return undefined;
  const where = [...new Set(open.map(({ address }) => address ?? 'a place that is not told'))].slice(0, 3).join(', ');
  return {
    what: `which host failed in ${open.length} kind(s) of failure`,
    code: 'unsupported',
    reason: `the text names no host, and ${host} may have been what was called at ${where}`,
    nextStep: 'Read those lines with grepPodLogs.',
  };
}

/** The pod's own loopback, or a Service of the cluster. */
function isInside({ services }: Case['state'], address: string | undefined): boolean {
  if (address === undefined) return false;
  return (
    address === '::1' || address.startsWith('127.') || services.some(({ clusterIPs }) => clusterIPs.includes(address))
  );
}

/** Many names may have one address. */
const placeText = ({ host, address }: LogFailure): string =>
  host === undefined ? ` at ${address ?? '?'}, an address of it, where the text names no host` : '';

/** Failures whose words name the endpoint without being tied to it: neither told nor ruled out. */
function perhapsAbout({ failures }: LogReport, { host }: EndpointCase): NotRead | undefined {
  const perhaps = failures.filter(({ possible }) => possible?.host === host);
  if (perhaps.length === 0) return undefined;
  const classes = [...new Set(perhaps.map((failure) => failure.class))].join(', ');
  return {
    what: `which host failed in ${perhaps.length} kind(s) of failure`,
    code: 'unsupported',
    reason: `the text names ${host} beside ${classes}, but nothing ties the two: it may be another host`,
    nextStep: 'Read those lines with grepPodLogs.',
  };
}

/** What was not read of the logs; undefined when all of what was asked for was. */
function logGap({ linesRead, truncated, notRead }: LogReport, read: string): NotRead | undefined {
  if (linesRead === 0 && notRead === undefined)
    return {
      what: 'logs of the application',
      code: 'not_found',
      reason: 'no container wrote a line in that time: the application may log elsewhere',
    };
  if (truncated)
    return {
      what: 'the rest of the logs',
      code: 'unsupported',
      reason: `${read}, and reading was cut short by its limit`,
    };
  const [gap] = notRead ?? [];
  return gap && { ...gap, reason: `${read}; not read: ${gap.what} (${gap.reason})` };
}

/** What to do next, most useful first: the fix, the deciding observation, then what was not checked. */
import { endpointName } from '../causes/cause-rule.ts';
import { appliedBy } from '../drift/applied-by.ts';
import { controllerText } from '../drift/consequence.ts';
import { historySentences } from '../drift/history-text.ts';
import type { Fix } from '../model/diagnosis.ts';
import type { PolicyDrift } from '../model/drift.ts';
import type { Finding } from '../model/evidence.ts';
import { logsNameProxy } from '../path/logged-proxy.ts';
import { proxyOf } from '../path/proxy-env.ts';
import { refText } from '../policy/explain/sentences.ts';
import { afterSync } from './after-sync.ts';
import type { Case } from './case.ts';
import { driftOfHost } from './drift-cause.ts';
import type { Judgement } from './judge.ts';
import { namedByOthers } from './named-by-others.ts';

const MOST = 6;

export function nextSteps(
  seen: Case,
  judgement: Judgement,
  findings: readonly Finding[],
  fix: Fix | undefined,
): readonly string[] {
  const steps = [
    ...originSteps(judgement, fix),
    ...takenOutSteps(fix),
    ...fixSteps(seen, fix),
    ...ownerSteps(judgement, fix),
    ...deciding(judgement),
    ...proxySteps(seen, judgement),
    ...besideSteps(judgement),
    ...driftSteps(seen, judgement),
    ...tlsSteps(judgement),
    ...httpSteps(judgement),
    ...gaps(findings),
  ];
  return [...new Set(steps)].slice(0, MOST);
}

/** Before the fix: whoever follows the steps in order must not allow what only a text of others wants. */
function originSteps({ endpoint }: Judgement, fix: Fix | undefined): readonly string[] {
  const origin = fix === undefined ? undefined : namedByOthers(endpoint);
  return origin === undefined ? [] : [`Before the fix: ${origin}.`];
}

/** Before the fix: what somebody took out on purpose is not for one pod's failure to bring back unasked. */
function takenOutSteps(fix: Fix | undefined): readonly string[] {
  const { history } = fix ?? {};
  const removed = history?.entries.filter(({ change }) => change === 'removed') ?? [];
  return history === undefined || removed.length === 0
    ? []
    : [
        `Before the fix: ${historySentences({ file: history.file, entries: removed }).join(' ')} Ask why before it is added again.`,
      ];
}

function fixSteps(seen: Case, fix: Fix | undefined): readonly string[] {
  if (fix === undefined) return [];
  if (fix.consent !== undefined) return [`Before anything else: ${fix.consent}.`];
  if (fix.diff === '') return fix.warnings.slice(-1);
  if (fix.inGit) {
    return [
      `Commit the diff to ${fix.file} in Git; a change made only in the cluster may be reverted.${applied(seen, fix)}`,
    ];
  }
  // Without a repository the finding on Git already says what to give and why.
  const asked = seen.drift.ok || seen.drift.notRead.code !== 'not_asked';
  return asked
    ? [
        'The repository does not hold this policy: find out what owns it before applying the diff, or the next sync may revert the change.',
      ]
    : [];
}

/** A deny that says more than this one destination is somebody's decision, which no change undoes unasked. */
function ownerSteps({ endpoint, verdict }: Judgement, fix: Fix | undefined): readonly string[] {
  if (fix !== undefined || verdict !== 'blocked') return [];
  const { lookup, connect } = endpoint.evaluation;
  const [rule] = [lookup, connect].find(({ reason }) => reason === 'explicit_deny')?.decidedBy ?? [];
  return rule === undefined
    ? []
    : [
        `Ask whoever owns ${refText(rule)} whether ${endpointName(endpoint)} is meant to be denied; no change is proposed.`,
      ];
}

/** Who takes it to the cluster, where both sides were read. */
function applied({ sync }: Case, { file, against }: Fix): string {
  if (against === undefined || sync === undefined) return '';
  return ` ${appliedBy(file, { ...against, path: '', skipped: [] }, sync)}`;
}

const deciding = ({ verdict, decidedBy }: Judgement): readonly string[] =>
  decidedBy === undefined
    ? []
    : [verdict === 'undetermined' ? `To decide: ${decidedBy}.` : `To confirm: ${decidedBy}.`];

/** One case is one endpoint; others that the logs name are not dropped silently. */
const besideSteps = ({ besides }: Judgement): readonly string[] =>
  (besides ?? []).map(({ endpoint, verdict, cause }) => {
    const name = endpointName(endpoint);
    const found = `${verdict}${cause === undefined ? '' : `, ${cause.class}`}`;
    const from = endpoint.redirectedFrom;
    const how =
      from === undefined ? "which the pod's logs name" : `to which ${endpointName(from)} redirects a request for "/"`;
    return `${name}, ${how}, does not work (${found}): if the application is meant to call it, ask diagnoseEgress about it.`;
  });

/** The probe went the direct way; whether the application does is not known. */
function proxySteps(seen: Case, { endpoint }: Judgement): readonly string[] {
  const proxy = proxyOf(seen, endpoint);
  if (proxy === undefined && logsNameProxy(seen, endpoint))
    return [
      `The logs show the application calling ${endpointName(endpoint)} by a proxy: diagnose the way to that proxy from this pod instead, and allow the direct way only if it is meant to be taken.`,
    ];
  if (proxy === undefined) return [];
  return [
    `If the application honours ${proxy.variable}, diagnose the way to that proxy from this pod instead: the direct way that was probed is then not the one it takes.`,
  ];
}

/** Each is an evaluation of its own: a repository that differs everywhere is not worth more of them for a hint. */
const MOST_EVALUATED = 10;

const CHANGING: ReadonlySet<string | undefined> = new Set(['reverted', 'pruned', 'created']);

function changing(policies: readonly PolicyDrift[]): readonly PolicyDrift[] {
  const wanted = policies.filter(({ forecast }) => CHANGING.has(forecast?.outcome));
  return wanted.slice(0, MOST_EVALUATED);
}

function losingStep(name: string, { kind, policy, forecast }: PolicyDrift): string {
  const who = forecast?.by === undefined ? 'the next sync' : controllerText(forecast.by);
  const when = forecast?.when === undefined ? '' : ` ${forecast.when}`;
  if (kind === 'only_git')
    return `${who} creates ${policy.kind} ${policy.name}${when}, and then this pod loses ${name}: add it to that policy in Git first.`;
  return `${name} is allowed only by what the cluster has of ${policy.kind} ${policy.name}: bring it into Git, or ${who} takes it away${when}.`;
}

/** A host that only the live policies let through works until the next reconciliation; what the forecast excludes is not threatened with. */
function driftSteps(seen: Case, { endpoint, verdict }: Judgement): readonly string[] {
  if (verdict !== 'reachable' || !seen.drift.ok) return [];
  const name = endpointName(endpoint);
  const losing = changing(seen.drift.value.policies).find((drift) => afterSync(seen, endpoint, drift) === 'loses');
  if (losing !== undefined) return [losingStep(name, losing)];
  const live = driftOfHost(seen.drift, endpoint.host).find((drift) => drift.side === 'live');
  const outcome = live?.policy.forecast?.outcome;
  if (live === undefined || outcome === 'kept') return [];
  // Whoever applies the repository from outside leaves no object here that could be read.
  const who = outcome === 'not_tracked' ? 'a pipeline or a controller outside of this cluster' : 'a sync';
  return [
    `${endpoint.host} is allowed only by the live policy, not in Git: bring it into Git before ${who} removes it.`,
  ];
}

function tlsSteps({ endpoint, verdict }: Judgement): readonly string[] {
  const tls = endpoint.probe.ok ? endpoint.probe.value.tls : undefined;
  if (verdict !== 'reachable' || tls === undefined || tls.outcome === 'ok' || tls.outcome === 'not_checked') return [];
  return [`The connection opens, but ${CERTIFICATE[tls.outcome] ?? `the handshake fails (${tls.outcome})`}.`];
}

const CERTIFICATE: Readonly<Record<string, string>> = {
  untrusted: "the certificate is untrusted for this probe's trust store: check which CAs the application trusts",
  expired:
    "the certificate is outside its dates by the container's clock: whoever serves it has to renew it, unless that clock is wrong",
  wrong_name: 'the certificate is for other names: something else answers there, or the server needs this name added',
};

/** Reached is not answered: what lets packets through may still stop requests. */
function httpSteps({ endpoint, verdict }: Judgement): readonly string[] {
  const http = endpoint.probe.ok ? endpoint.probe.value.http : undefined;
  if (verdict !== 'reachable' || http === undefined || ['answered', 'not_checked'].includes(http.outcome)) return [];
  return [
    `The connection opens, but a HEAD request got no answer (${http.outcome}): compare with a GET by the application; a server may not answer HEAD, and a filter on requests (HTTP rules, a firewall) may stop both.`,
  ];
}

const gaps = (findings: readonly Finding[]): readonly string[] =>
  findings.flatMap((finding) => (finding.notChecked?.nextStep === undefined ? [] : [finding.notChecked.nextStep]));

/** Findings from Git and from the controllers that apply it. */
import { endpointName } from '../causes/cause-rule.ts';
import { refText } from '../causes/policy-denies.ts';
import { commitSubjects, historySentences } from '../drift/history-text.ts';
import type { DriftReport, PolicyDrift } from '../model/drift.ts';
import type { Evidence, Finding } from '../model/evidence.ts';
import { isPatchable } from '../model/policy.ts';
import { policiesInReach } from '../policy/in-reach.ts';
import { afterSync } from './after-sync.ts';
import type { Case, EndpointCase } from './case.ts';
import { driftOfHost } from './drift-cause.ts';
import { unchecked } from './findings-probe.ts';
import { sourceOfTruth } from './source-of-truth.ts';

export function driftFinding(seen: Case, endpoint: EndpointCase): Finding {
  const statement = 'Live policies differ from Git.';
  if (!seen.drift.ok) return unchecked('git-drift', statement, seen.drift.notRead);
  const report = seen.drift.value;
  const where = `${report.repository} ${report.ref} (${report.commit.slice(0, 12)})`;
  const about = driftOfHost(seen.drift, endpoint.host);
  const differing =
    about.length > 0 ? about.map((drift) => drift.policy) : report.policies.filter((policy) => policy.kind !== 'same');
  if (differing.length === 0) {
    const what = `policies compared: ${report.policies.length}, none differs`;
    return {
      id: 'git-drift',
      state: 'ruled_out',
      statement,
      evidence: [{ source: 'git', where, what, when: seen.asOf }, ...earlier(report, where, seen.asOf)],
    };
  }
  const evidence = differing.slice(0, 5).map(
    (drift): Evidence => ({
      source: 'git',
      where: driftWhere(where, drift),
      what: [describeDrift(seen, endpoint, drift), ...sentencesOf(drift)].join(' '),
      when: seen.asOf,
      ...subjectsOf(drift),
    }),
  );
  return { id: 'git-drift', state: 'confirmed', statement, evidence };
}

/** What Git's history says of policies that do not differ: live has followed it. */
function earlier({ policies }: DriftReport, where: string, when: string): readonly Evidence[] {
  const told = policies.filter(({ history }) => history !== undefined).slice(0, 2);
  return told.map((drift) => ({
    source: 'git',
    where: driftWhere(where, drift),
    what: `${refText(drift.policy)}: ${sentencesOf(drift).join(' ')}`,
    when,
    ...subjectsOf(drift),
  }));
}

const sentencesOf = ({ history }: PolicyDrift): readonly string[] =>
  history === undefined ? [] : historySentences(history);

function subjectsOf({ history }: PolicyDrift): { readonly untrusted?: string } {
  const subjects = history === undefined ? [] : commitSubjects(history);
  return subjects.length === 0 ? {} : { untrusted: subjects.join('\n') };
}

const driftWhere = (where: string, drift: PolicyDrift): string =>
  drift.file === undefined ? where : `${where} ${drift.file.path}`;

function describeDrift(seen: Case, endpoint: EndpointCase, drift: PolicyDrift): string {
  const fields = drift.differences
    .slice(0, 3)
    .map((difference) => difference.path)
    .join(', ');
  return `${refText(drift.policy)}: ${drift.kind.replace('_', ' ')}${fields === '' ? '' : ` at ${fields}`}. ${drift.consequence}${effectText(seen, endpoint, drift)}`;
}

/** For this pod and this endpoint, where the policies as they will be could be evaluated. */
function effectText(seen: Case, endpoint: EndpointCase, drift: PolicyDrift): string {
  const effect = afterSync(seen, endpoint, drift);
  return effect === undefined ? '' : ` Then this pod ${effect} ${endpointName(endpoint)}.`;
}

/** Where the program that built the folder could have done more than its work. */
export function limitsOfReading({ limits = [] }: Pick<DriftReport, 'limits'>): readonly Finding[] {
  const statement = 'The program that rendered the repository had no network.';
  return limits.map((notChecked) => ({
    id: 'rendered-apart',
    state: 'not_checked',
    statement,
    evidence: [],
    notChecked,
  }));
}

export function sourceFindings(seen: Case): readonly Finding[] {
  const limits = seen.drift.ok ? limitsOfReading(seen.drift.value) : [];
  if (seen.sync === undefined) return limits;
  const policies = policiesInReach(seen.state, seen.pod.meta.namespace ?? 'default').filter(isPatchable);
  const finding = sourceOfTruth(policies, seen.sync, seen.asOf);
  return finding === undefined ? limits : [finding, ...limits];
}

/** Which FQDN selectors a name matches and why the others do not: `matchFqdn`, on given patterns or on the policies of a pod. */
import { DiagnoseError } from '../core/errors.ts';
import type { FqdnAnswer, FqdnMatchLine } from '../core/model/answers.ts';
import type { ClusterState, NotRead } from '../core/model/cluster-state.ts';
import type { Dialect } from '../core/model/dialect.ts';
import type { RuleRef } from '../core/model/evaluation.ts';
import type { Finding } from '../core/model/evidence.ts';
import type { FqdnSelector } from '../core/model/policy.ts';
import type { Pod } from '../core/model/workload.ts';
import { isHostName } from '../core/net/host.ts';
import { dialectOf, matchFqdn } from '../core/policy/fqdn/selector.ts';
import { podPolicyOf } from '../core/policy/rules/pod-policy.ts';
import { fqdnSelectorsOf } from '../core/policy/selecting.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import { bounded, leftOutOf } from './bounded.ts';
import type { Deps, Run } from './deps.ts';
import { confirmed, notChecked, ruledOut, unreadFindings, unreadPolicies } from './finding.ts';
import { podRef, subjectOf } from './locate.ts';
import { requirePod } from './steps/gather.ts';

interface Candidate {
  readonly selector: FqdnSelector;
  readonly rule?: RuleRef;
  readonly use?: 'toFQDNs' | 'dns';
}

const MAX_LINES_A_NAME = 40;

export interface GivenPatternsInput {
  readonly names: readonly string[];
  readonly patterns: readonly string[];
  /** How the patterns are read; Cilium's when absent. */
  readonly dialect?: Dialect | undefined;
  /** For patterns of Cilium. */
  readonly version?: string | undefined;
}

/** Pure: needs no cluster, so it answers without a kubeconfig. A pattern without `*` is taken as a name. */
export function matchNames(
  { names, patterns, dialect = 'cilium', version }: GivenPatternsInput,
  when: string,
): FqdnAnswer {
  const candidates = patterns.map((pattern) => ({
    selector: { dialect, ...(pattern.includes('*') ? { matchPattern: pattern } : { matchName: pattern }) },
  }));
  const grammar = dialect === 'cilium' ? version : undefined;
  return answer(names.map(checkedName), candidates, grammar, { where: 'the patterns given', when });
}

export interface PodNamesInput {
  readonly workload: WorkloadRef;
  readonly names: readonly string[];
}

export async function matchNamesOfPod(deps: Deps, input: PodNamesInput, run: Run): Promise<FqdnAnswer> {
  const names = input.names.map(checkedName);
  run.progress('Reading the FQDN selectors of the policies that select the pod');
  const pod = await requirePod(deps, input.workload, run);
  const state = await deps.cluster.readState(podRef(pod), run.signal);
  const subject = subjectOf(deps, pod, { state });
  const seen = {
    where: `policies that select pod ${subject.namespace}/${subject.pod}`,
    when: deps.clock.now().toISOString(),
  };
  const found = answer(names, fqdnSelectorsOf(state, pod), state.engine.version, seen);
  const unread = unreadPolicies(state.notRead, /polic|egressfirewall/i) ?? doubtful(state, pod);
  return {
    subject,
    ...found,
    findings: [...found.findings.map((finding) => openIfUnread(finding, unread)), ...unreadFindings(state.notRead)],
  };
}

/** A policy whose part cannot be told may list the name. */
function doubtful(state: ClusterState, pod: Pod): NotRead | undefined {
  const [doubt] = podPolicyOf(state, pod).doubts;
  return doubt && { what: 'the policies in force', code: 'unsupported', reason: doubt.text };
}

/** "No selector matches" is only known when every policy was read. */
function openIfUnread(finding: Finding, unread: Parameters<typeof notChecked>[2] | undefined): Finding {
  return finding.state === 'ruled_out' && unread !== undefined
    ? notChecked(finding.id, finding.statement, unread)
    : finding;
}

function answer(
  names: readonly string[],
  candidates: readonly Candidate[],
  version: string | undefined,
  seen: { where: string; when: string },
): FqdnAnswer {
  const kept = bounded(candidates, MAX_LINES_A_NAME);
  const lines = names.map((name) => matchOne(name, candidates, version));
  return {
    ...(version === undefined ? {} : { engineVersion: version }),
    names: lines.map(({ name, matched, selectors }) => ({
      name,
      matched,
      selectors: selectors.slice(0, MAX_LINES_A_NAME),
    })),
    findings: lines.map(({ name, selectors }) => nameFinding(name, selectors, seen)),
    ...leftOutOf({ selectors: kept }),
  };
}

function matchOne(
  name: string,
  candidates: readonly Candidate[],
  version: string | undefined,
): FqdnAnswer['names'][number] {
  const selectors = candidates
    .map(({ selector, rule, use }): FqdnMatchLine => {
      const { matches, explanation } = matchFqdn(name, selector, version);
      const written = selector.matchName ?? selector.matchPattern ?? '';
      const dialect = dialectOf(selector);
      return { selector: written, dialect, matches, explanation, ...(rule && { rule }), ...(use && { use }) };
    })
    // Matches first: a cut list must not hide one.
    .sort((a, b) => Number(b.matches) - Number(a.matches));
  return { name, matched: selectors.some(opens), selectors };
}

/** `rules.dns` lets a name be looked up; only `toFQDNs` (or a selector given by the caller, which has no use) opens it. */
const opens = ({ matches, use }: FqdnMatchLine): boolean => matches && use !== 'dns';

function nameFinding(
  name: string,
  lines: readonly FqdnMatchLine[],
  { where, when }: { where: string; when: string },
): Finding {
  const inRules = lines.filter(({ use }) => use !== undefined);
  const which = inRules.some(({ dialect }) => dialect === 'cilium') ? 'A toFQDNs selector' : 'Some selector';
  const statement = `${which} matches ${name}.`;
  const hit = lines.find(opens);
  if (hit !== undefined) {
    const place = hit.rule === undefined ? where : `${hit.rule.policy.kind} ${hit.rule.policy.name} ${hit.rule.path}`;
    return confirmed('name-matched', statement, { source: 'policy', where: place, what: hit.explanation, when });
  }
  const what = missOf(lines);
  return ruledOut('name-matched', statement, { source: 'policy', where, what, when });
}

function missOf(lines: readonly FqdnMatchLine[]): string {
  if (lines.length === 0) return 'there is no FQDN selector';
  return lines.some(({ matches }) => matches)
    ? 'only rules.dns matches: the name may be looked up, not connected to'
    : `${lines.length} selectors, none matches`;
}

function checkedName(text: string): string {
  const name = text.toLowerCase().replace(/\.$/, '');
  if (isHostName(name)) return name;
  throw new DiagnoseError(
    'usage',
    'HOST_INVALID',
    `${JSON.stringify(text.slice(0, 80))} is not a host name.`,
    'Give names like files.vendor.example; patterns with * go into patterns.',
  );
}

/** Findings from the probe inside the pod: does the name resolve, does the connection open, does another one. */
import { endpointName } from '../causes/cause-rule.ts';
import type { NotRead } from '../model/cluster-state.ts';
import type { Evidence, Finding } from '../model/evidence.ts';
import type { TargetReport } from '../model/probe.ts';
import { isSilent, phaseOf, works } from '../path/phase.ts';
import type { Case, EndpointCase } from './case.ts';
import { describeConnect } from './hops.ts';

export const unchecked = (id: string, statement: string, notChecked: NotRead): Finding => ({
  id,
  state: 'not_checked',
  statement,
  evidence: [],
  notChecked,
});

export function probeEvidence(seen: Case, what: string, untrusted?: string): Evidence {
  const report = seen.probe.ok ? seen.probe.value : undefined;
  const { namespace, name } = seen.pod.meta;
  const container = report === undefined ? '' : ` container ${report.container} (${report.rung})`;
  return {
    source: 'probe',
    where: `pod ${namespace}/${name}${container}`,
    what,
    when: report?.finishedAt ?? seen.asOf,
    ...(untrusted === undefined ? {} : { untrusted }),
  };
}

const GAP: NotRead = { what: 'probe step', code: 'not_asked', reason: 'the probe did not get this far' };

const reportOf = (endpoint: EndpointCase): TargetReport | undefined =>
  endpoint.probe.ok ? endpoint.probe.value : undefined;

function gapOf(endpoint: EndpointCase): NotRead {
  if (!endpoint.probe.ok) return endpoint.probe.notRead;
  const { connects, http } = endpoint.probe.value;
  const opened = connects.some(({ outcome }) => outcome === 'connected');
  if (endpoint.interceptedBy === undefined || !opened) return GAP;
  return {
    what: 'connection beyond the mesh proxy',
    code: 'unsupported',
    reason: `the mesh proxy (${endpoint.interceptedBy}) accepts every connection of the pod itself, and ${http?.outcome === 'answered' ? 'an answer to plain HTTP may be its own' : 'nothing came back through it'}`,
  };
}

export function lookupFinding(seen: Case, endpoint: EndpointCase): Finding {
  const statement = `The pod's DNS resolves ${endpoint.host}.`;
  const lookup = reportOf(endpoint)?.lookup;
  if (lookup === undefined || lookup.outcome === 'not_checked')
    return unchecked('name-resolves', statement, gapOf(endpoint));
  if (lookup.outcome !== 'resolved') {
    const evidence = probeEvidence(seen, `lookup of ${endpoint.host}: ${lookup.outcome}`, lookup.error);
    return { id: 'name-resolves', state: 'ruled_out', statement, evidence: [evidence] };
  }
  const chain = lookup.cnames.length === 0 ? '' : `, CNAME ${lookup.cnames.join(' → ')}`;
  const what = `${endpoint.host}${chain} → ${lookup.addresses.join(', ')}`;
  return { id: 'name-resolves', state: 'confirmed', statement, evidence: [probeEvidence(seen, what)] };
}

export function connectFinding(seen: Case, endpoint: EndpointCase): Finding {
  const statement = `TCP to ${endpointName(endpoint)} gets no answer from inside the pod.`;
  const phase = phaseOf(endpoint);
  if (phase.kind === 'not_probed' || phase.kind === 'incomplete' || phase.kind === 'lookup_failed') {
    return unchecked('connect-silent', statement, gapOf(endpoint));
  }
  const what = phase.report.connects.map(describeConnect).join('; ');
  const state = isSilent(phase) ? 'confirmed' : 'ruled_out';
  return { id: 'connect-silent', state, statement, evidence: [probeEvidence(seen, what)] };
}

/** Some addresses of the name connect and others don't: a client that takes one of those fails now and then. */
export function unevenFindings(seen: Case, endpoint: EndpointCase): readonly Finding[] {
  const connects = reportOf(endpoint)?.connects ?? [];
  const failed = connects.filter(isTrouble);
  if (failed.length === 0 || failed.length === connects.length || !works(endpoint)) return [];
  const statement = `Some addresses of ${endpoint.host} connect and others do not, so clients fail now and then.`;
  const evidence = [probeEvidence(seen, connects.map(describeConnect).join('; '))];
  return [{ id: 'some-addresses-fail', state: 'confirmed', statement, evidence }];
}

// A pod without IPv6 learns at once that there is no way, and goes on to IPv4: nobody notices.
const isTrouble = ({ outcome, address }: TargetReport['connects'][number]): boolean =>
  outcome !== 'connected' && outcome !== 'not_checked' && !(outcome === 'unreachable' && address.includes(':'));

/** Some endpoints work and this one doesn't: the sign of egress filtering rather than a broken network. */
export function comparisonFinding(seen: Case, subject: EndpointCase): Finding {
  const statement = 'Another endpoint connects from the same pod at the same time.';
  const others = seen.endpoints.filter((endpoint) => endpoint !== subject);
  const working = others.filter(works);
  if (working.length > 0) {
    const evidence = working.map((endpoint) =>
      probeEvidence(seen, `${endpointName(endpoint)} connected (${endpoint.because})`),
    );
    return { id: 'comparison-connects', state: 'confirmed', statement, evidence };
  }
  // Another suspect that fails is no comparison, nor is a name that does not exist.
  const failed = others.filter((endpoint) => endpoint.role !== 'second_hop' && failsAlike(endpoint));
  if (failed.length > 0) {
    const evidence = failed.map((endpoint) => probeEvidence(seen, `${endpointName(endpoint)} did not connect either`));
    return { id: 'comparison-connects', state: 'ruled_out', statement, evidence };
  }
  const other = others.find(({ role }) => role === 'comparison') ?? others.find((endpoint) => !endpoint.probe.ok);
  return unchecked('comparison-connects', statement, other === undefined ? noComparison() : comparisonGap(other));
}

function failsAlike(endpoint: EndpointCase): boolean {
  const phase = phaseOf(endpoint);
  if (phase.kind === 'connect_failed') return isSilent(phase);
  return phase.kind === 'lookup_failed' && !['nxdomain', 'nodata'].includes(phase.report.lookup.outcome);
}

function comparisonGap(other: EndpointCase): NotRead {
  const phase = phaseOf(other);
  if (phase.kind !== 'connect_failed' && phase.kind !== 'lookup_failed') return gapOf(other);
  const outcome = phase.kind === 'connect_failed' ? phase.worst.outcome : phase.report.lookup.outcome;
  const reason = `${endpointName(other)} fails for reasons of its own (${outcome.replace('_', ' ')}), so it compares nothing`;
  return { ...noComparison(), reason };
}

const noComparison = (): NotRead => ({
  what: 'comparison endpoint',
  code: 'not_asked',
  reason: 'no rule names a host that this pod may reach, and none was given',
  nextStep: 'name an endpoint that is known to work from this pod (execProbe: compare)',
});

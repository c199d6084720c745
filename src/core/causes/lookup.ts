/** Causes of a failed name lookup: policy on the way to the DNS server, the DNS proxy's filter, or DNS itself. */
import type { TargetReport } from '../model/probe.ts';
import type { Assessment, CauseRule, Suspect } from './cause-rule.ts';
import { isEnforced } from './policy-proof.ts';
import { FILTERS_NAMES, resolverFails } from './resolver.ts';

type LookupCase = Suspect & { readonly report: TargetReport };

export const lookupFails: CauseRule = (suspect) => {
  if (suspect.phase.kind === 'not_probed') return lookupDeniedUnprobed(suspect);
  if (suspect.phase.kind !== 'lookup_failed') return undefined;
  const lookupCase: LookupCase = { ...suspect, report: suspect.phase.report };
  return (
    nameFiltered(lookupCase) ??
    serverUnreachable(lookupCase) ??
    resolverFails(suspect, lookupCase.report.lookup) ??
    serverSays(lookupCase)
  );
};

/** Without a probe the rules alone speak: a denied lookup blocks the connection whatever follows. */
function lookupDeniedUnprobed({ endpoint }: Suspect): Assessment | undefined {
  const { lookup, nearMisses } = endpoint.evaluation;
  if (lookup.decision !== 'denied') return undefined;
  return { class: lookupClass(lookup, nearMisses), confidence: 'likely', statement: lookup.explanation };
}

/** What the proxy answers for a filtered name, where the configuration was read (policy-semantics §2.3). */
const rejectCode = ({ case: seen }: Suspect): 'nxdomain' | 'refused' | undefined => {
  const { config } = seen.state.engine;
  if (config === undefined) return undefined;
  return config['tofqdns-dns-reject-response-code'] === 'nameError' ? 'nxdomain' : 'refused';
};

/** The proxy answers a filtered name with REFUSED, or NXDOMAIN by configuration; a resolver library may hide which. */
function nameFiltered(lookupCase: LookupCase): Assessment | undefined {
  const { endpoint, report } = lookupCase;
  const { outcome } = report.lookup;
  if (endpoint.evaluation.lookup.reason === 'dns_name_refused') return byFilter(lookupCase);
  if (outcome === 'refused' && FILTERS_NAMES.has(lookupCase.case.state.engine.cni)) {
    return {
      class: 'FQDN_DNS_REFUSED',
      confidence: 'possible',
      statement: `The pod's DNS server answered REFUSED for ${endpoint.host}, which a DNS proxy does for a filtered name, though the rules that were read do not filter it.`,
      decidedBy: `a dropped DNS request for ${endpoint.host} among Hubble's L7 flows`,
    };
  }
  return undefined;
}

function byFilter(lookupCase: LookupCase): Assessment | undefined {
  const { endpoint, report } = lookupCase;
  const { outcome } = report.lookup;
  if (outcome === 'servfail' || outcome === 'nodata') return undefined;
  const sure = outcome === 'refused' || (outcome === 'nxdomain' && rejectCode(lookupCase) === 'nxdomain');
  const explanation = endpoint.evaluation.lookup.explanation;
  return {
    class: 'FQDN_NAME_NOT_COVERED',
    confidence: sure ? 'proven' : 'likely',
    statement: sure
      ? `The DNS proxy answered ${outcome.toUpperCase()} for ${endpoint.host}: no rules.dns entry admits that name. ${explanation}`
      : `The lookup of ${endpoint.host} failed (${outcome.toUpperCase()}), and no rules.dns entry admits that name. ${explanation}`,
    ...(sure ? {} : { decidedBy: `a dropped DNS request for ${endpoint.host} among Hubble's L7 flows` }),
  };
}

/** The class of a lookup that the rules deny. */
function lookupClass(
  { reason }: Suspect['endpoint']['evaluation']['lookup'],
  misses: Suspect['endpoint']['evaluation']['nearMisses'],
): Assessment['class'] {
  if (reason === 'dns_name_refused') return 'FQDN_NAME_NOT_COVERED';
  return reason === 'explicit_deny' ? 'POLICY_PRECEDENCE' : dnsTargetClass(misses);
}

const dnsTargetClass = (misses: Suspect['endpoint']['evaluation']['nearMisses']): Assessment['class'] =>
  misses.some((miss) => miss.kind === 'dns_target_mismatch' || miss.kind === 'protocol_missing')
    ? 'POLICY_DNS_TARGET_WRONG'
    : 'POLICY_NO_DNS_EGRESS';

function serverUnreachable(lookupCase: LookupCase): Assessment | undefined {
  const { case: seen, endpoint, report } = lookupCase;
  const { lookup, nearMisses } = endpoint.evaluation;
  const silent = report.lookup.outcome === 'timeout';
  if ((!silent && report.lookup.outcome !== 'failed') || lookup.decision !== 'denied') return undefined;
  const why =
    lookup.reason === 'explicit_deny'
      ? "a rule denies the pod's way to its DNS server"
      : 'no egress rule lets this pod reach its DNS server';
  // An answer to a direct question, or another name that the rules deny alike and that was answered, speaks against it.
  const answered = isAskedDirectly(report)
    ? `a name server answers ${endpoint.host} where it is asked directly over UDP`
    : othersAnswered(seen, endpoint);
  return {
    class: lookupClass(lookup, nearMisses),
    confidence: silent && answered === undefined && isEnforced(lookupCase) ? 'proven' : 'likely',
    statement: `The lookup of ${endpoint.host} got no ${silent ? 'answer' : 'address'}, and ${why}. ${lookup.explanation}`,
    ...(answered === undefined ? {} : { decidedBy: `why ${answered}` }),
  };
}

/** Over TCP says nothing: rules for port 53 often name one protocol. */
const isAskedDirectly = ({ lookup: { answers = [] } }: TargetReport): boolean =>
  answers.some(({ via, outcome }) => via === 'udp' && !['timeout', 'failed', 'not_checked'].includes(outcome));

function othersAnswered({ endpoints }: Suspect['case'], endpoint: Suspect['endpoint']): string | undefined {
  const other = endpoints.find((one) => one !== endpoint && wasAnswered(one));
  return other === undefined ? undefined : `the lookup of ${other.host} was answered all the same`;
}

const wasAnswered = ({ probe, evaluation }: Suspect['endpoint']): boolean =>
  probe.ok && probe.value.lookup.outcome === 'resolved' && evaluation.lookup.decision === 'denied';

function serverSays(lookupCase: LookupCase): Assessment | undefined {
  const { endpoint, report } = lookupCase;
  switch (report.lookup.outcome) {
    case 'nxdomain':
      return mayBeFilter(lookupCase)
        ? {
            class: 'DNS_NAME_NOT_FOUND',
            confidence: 'possible',
            statement: `The pod's DNS server answered NXDOMAIN for ${endpoint.host}. The engine's DNS proxy can be set to answer a filtered name so, and whether it filters this one is not known: ${endpoint.evaluation.lookup.explanation}`,
            decidedBy: `whether ${endpoint.host} resolves for a pod that no policy isolates`,
          }
        : notFound(
            `The name ${endpoint.host} does not exist: the pod's DNS server answered NXDOMAIN. This is not a policy drop.`,
          );
    case 'nodata':
      return notFound(
        `The name ${endpoint.host} exists but has no address record, so there is nothing to connect to. This is not a policy drop.`,
      );
    case 'servfail':
    case 'refused':
      return {
        class: 'DNS_UPSTREAM',
        confidence: 'likely',
        statement: `The pod reaches its DNS server, which answered ${report.lookup.outcome.toUpperCase()} for ${endpoint.host}: the server's own forwarder or the zone ${report.lookup.outcome === 'refused' ? 'refuses it' : 'failed'}.`,
        decidedBy: 'the errors in the log of the cluster DNS pods, which name the upstream',
      };
    default:
      return undefined;
  }
}

/** NXDOMAIN is the proxy's answer under `nameError`, and whether the name is filtered is open. */
const mayBeFilter = (lookupCase: LookupCase): boolean =>
  lookupCase.endpoint.evaluation.lookup.decision !== 'allowed' && rejectCode(lookupCase) !== 'refused';

const notFound = (statement: string): Assessment => ({ class: 'DNS_NAME_NOT_FOUND', confidence: 'proven', statement });

/** The observation that separates the remaining DNS causes when a lookup got no answer though policy allows it. */
export const lookupDecider = ({ endpoint, phase }: Suspect): string | undefined =>
  phase.kind === 'lookup_failed'
    ? `whether the same lookup of ${endpoint.host} answers in another pod on the same node (then this pod's path to DNS is at fault, else the DNS server)`
    : undefined;

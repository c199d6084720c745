/** Causes of a failed name lookup: policy on the way to the DNS server, the DNS proxy's filter, or DNS itself. */
import type { TargetReport } from '../model/probe.ts';
import type { Assessment, CauseRule, Suspect } from './cause-rule.ts';

type LookupCase = Suspect & { readonly report: TargetReport };

export const lookupFails: CauseRule = (suspect) => {
  if (suspect.phase.kind === 'not_probed') return lookupDeniedUnprobed(suspect);
  if (suspect.phase.kind !== 'lookup_failed') return undefined;
  const lookupCase: LookupCase = { ...suspect, report: suspect.phase.report };
  return nameFiltered(lookupCase) ?? serverUnreachable(lookupCase) ?? serverSays(lookupCase);
};

/** Without a probe the rules alone speak: a denied lookup blocks the connection whatever follows. */
function lookupDeniedUnprobed({ endpoint }: Suspect): Assessment | undefined {
  const { lookup, nearMisses } = endpoint.evaluation;
  if (lookup.decision !== 'denied') return undefined;
  if (lookup.reason === 'dns_name_refused') {
    return { class: 'FQDN_NAME_NOT_COVERED', confidence: 'likely', statement: lookup.explanation };
  }
  return { class: dnsTargetClass(nearMisses), confidence: 'likely', statement: lookup.explanation };
}

/** The proxy answers a filtered name with REFUSED, or NXDOMAIN by configuration; see policy-semantics §2.3. */
function nameFiltered({ endpoint, report }: LookupCase): Assessment | undefined {
  const filtered = endpoint.evaluation.lookup.reason === 'dns_name_refused';
  const refused = report.lookup.outcome === 'refused';
  if (filtered && (refused || report.lookup.outcome === 'nxdomain')) {
    const answer = refused ? 'REFUSED' : 'NXDOMAIN';
    return {
      class: 'FQDN_NAME_NOT_COVERED',
      confidence: 'proven',
      statement: `The DNS proxy answered ${answer} for ${endpoint.host}: no rules.dns entry admits that name. ${endpoint.evaluation.lookup.explanation}`,
    };
  }
  if (refused) {
    return {
      class: 'FQDN_DNS_REFUSED',
      confidence: 'possible',
      statement: `The pod's DNS server answered REFUSED for ${endpoint.host}, which a DNS proxy does for a filtered name, though the rules that were read do not filter it.`,
      decidedBy: `a dropped DNS request for ${endpoint.host} among Hubble's L7 flows`,
    };
  }
  return undefined;
}

const dnsTargetClass = (misses: Suspect['endpoint']['evaluation']['nearMisses']): Assessment['class'] =>
  misses.some((miss) => miss.kind === 'dns_target_mismatch' || miss.kind === 'protocol_missing')
    ? 'POLICY_DNS_TARGET_WRONG'
    : 'POLICY_NO_DNS_EGRESS';

function serverUnreachable({ endpoint, report }: LookupCase): Assessment | undefined {
  const { lookup, nearMisses } = endpoint.evaluation;
  if (report.lookup.outcome !== 'timeout' && report.lookup.outcome !== 'failed') return undefined;
  if (lookup.decision === 'denied') {
    return {
      class: dnsTargetClass(nearMisses),
      confidence: 'proven',
      statement: `The lookup of ${endpoint.host} got no answer, and no egress rule lets this pod reach its DNS server. ${lookup.explanation}`,
    };
  }
  return undefined;
}

function serverSays({ endpoint, report }: LookupCase): Assessment | undefined {
  switch (report.lookup.outcome) {
    case 'nxdomain':
      return notFound(
        `The name ${endpoint.host} does not exist: the pod's DNS server answered NXDOMAIN. This is not a policy drop.`,
      );
    case 'nodata':
      return notFound(
        `The name ${endpoint.host} exists but has no address record, so there is nothing to connect to. This is not a policy drop.`,
      );
    case 'servfail':
      return {
        class: 'DNS_UPSTREAM',
        confidence: 'likely',
        statement: `The pod reaches its DNS server, which answered SERVFAIL for ${endpoint.host}: the server's own forwarder or the zone failed.`,
        decidedBy: 'the errors in the log of the cluster DNS pods, which name the upstream',
      };
    default:
      return undefined;
  }
}

const notFound = (statement: string): Assessment => ({ class: 'DNS_NAME_NOT_FOUND', confidence: 'proven', statement });

/** The observation that separates the remaining DNS causes when a lookup got no answer though policy allows it. */
export const lookupDecider = ({ endpoint, phase }: Suspect): string | undefined =>
  phase.kind === 'lookup_failed'
    ? `whether the same lookup of ${endpoint.host} answers in another pod on the same node (then this pod's path to DNS is at fault, else the DNS server)`
    : undefined;

/** Causes between the application and a name server that is reached: the search list, the C library, lost answers. */
import type { LookupReport } from '../model/probe.ts';
import { aaaaTrouble, lostAnswer, onlyTcpAnswers, searchCapture, stoppedAtSuffix } from '../path/lookup-facts.ts';
import type { Assessment, CauseRule, Suspect } from './cause-rule.ts';

/** The name resolves, to something else: asked where a connection or a handshake failed. */
export const searchListCaptures: CauseRule = ({ endpoint, phase }) => {
  if (phase.kind !== 'connect_failed' && phase.kind !== 'tls_failed') return undefined;
  const capture = searchCapture(endpoint.host, phase.report.lookup);
  if (capture === undefined) return undefined;
  return {
    class: 'DNS_SEARCH_NDOTS',
    confidence: 'likely',
    statement: `The pod goes to the wrong place: its search list makes ${endpoint.host} resolve as ${capture.name} (${capture.addresses.join(', ')}), while the name itself is ${capture.own.join(', ')}. A wildcard record in that search domain answers for every name.`,
    decidedBy: `the same connection with a final dot (${endpoint.host}.) or with dnsConfig option ndots:1`,
  };
};

/** The lookup fails although a server knows the name. */
export function resolverFails(suspect: Suspect, lookup: LookupReport): Assessment | undefined {
  return (
    suffixEndsSearch(suspect, lookup) ??
    udpLost(suspect, lookup) ??
    secondQuestionFails(suspect, lookup) ??
    answerLost(suspect, lookup)
  );
}

function suffixEndsSearch({ case: seen, endpoint }: Suspect, lookup: LookupReport): Assessment | undefined {
  const stop = stoppedAtSuffix(endpoint.host, lookup);
  if (stop === undefined) return undefined;
  const libc = seen.probe.ok && seen.probe.value.libc !== undefined ? ` (${seen.probe.value.libc})` : '';
  // A library that was seen to find the name with a final dot, and not without, leaves only the search list.
  const shown = (lookup.absolute?.addresses.length ?? 0) > 0;
  return {
    class: stop.outcome === 'refused' ? 'FQDN_DNS_REFUSED' : 'DNS_RESOLVER_LIB',
    confidence: shown ? 'proven' : 'likely',
    statement: `The name server knows ${endpoint.host}, and answered ${stop.outcome.toUpperCase()} for ${stop.name}, which the search list has asked first; the pod's C library${libc} gives up there. ${stop.outcome === 'refused' ? "A DNS proxy refuses names that no rules.dns entry admits: admit the suffixed names too (matchPattern), set tofqdns-dns-reject-response-code to nameError, or lower ndots in the pod's dnsConfig." : "Lower ndots in the pod's dnsConfig, or ask for the name with a final dot."}`,
    ...(shown ? {} : { decidedBy: `whether ${endpoint.host}. (with a final dot) resolves in the same container` }),
  };
}

function udpLost({ endpoint }: Suspect, lookup: LookupReport): Assessment | undefined {
  if (!onlyTcpAnswers(lookup)) return undefined;
  return {
    class: endpoint.evaluation.lookup.decision === 'denied' ? 'POLICY_DNS_TARGET_WRONG' : 'DNS_CLIENT_PATH',
    confidence: 'likely',
    statement: `The pod's name server answers ${endpoint.host} over TCP and not over UDP: port 53/UDP is lost on the way, and resolvers ask over UDP first.`,
    decidedBy: 'a capture of port 53/UDP on the node: whether the question leaves and the answer comes back',
  };
}

function secondQuestionFails({ endpoint }: Suspect, lookup: LookupReport): Assessment | undefined {
  const six = aaaaTrouble(endpoint.host, lookup);
  if (six === undefined) return undefined;
  return {
    class: 'DNS_UPSTREAM',
    confidence: 'likely',
    statement: `The name server answers the A question for ${endpoint.host} and not the AAAA one (${six.outcome}); the pod's C library asks both and takes the failure of one for the whole.`,
    decidedBy: `the same AAAA question to the cluster DNS pods and to their upstream; who fails it is at fault`,
  };
}

function answerLost({ endpoint }: Suspect, lookup: LookupReport): Assessment | undefined {
  const prompt = lostAnswer(endpoint.host, lookup);
  if (prompt === undefined) return undefined;
  return {
    class: 'DNS_CAPACITY',
    confidence: 'possible',
    statement: `The name server answered ${endpoint.host} directly in ${prompt.ms ?? 0} ms, and the C library got no answer in its time: single answers are lost, as in the conntrack race of two questions from one port.`,
    decidedBy: 'the counter insert_failed of conntrack on the node (conntrack -S) while lookups are slow',
  };
}

/** Causes between the application and a name server that is reached: the search list, the C library, lost answers. */
import type { LookupReport, NameAnswer } from '../model/probe.ts';
import { aaaaTrouble, lostAnswer, onlyTcpAnswers, searchCapture, stoppedAtSuffix } from '../path/lookup-facts.ts';
import { evaluateEgress } from '../policy/evaluate.ts';
import type { Assessment, CauseRule, Suspect } from './cause-rule.ts';

/** The name resolves, to something else: asked where a connection or a handshake failed. */
export const searchListCaptures: CauseRule = ({ endpoint, phase }) => {
  if (phase.kind !== 'connect_failed' && phase.kind !== 'tls_failed') return undefined;
  const capture = searchCapture(endpoint.host, phase.report.lookup);
  if (capture === undefined) return undefined;
  return {
    class: 'DNS_SEARCH_NDOTS',
    confidence: 'likely',
    statement: `The pod goes to the wrong place: its search list makes ${endpoint.host} resolve as ${capture.name} (${capture.addresses.join(', ')}), while the name itself is ${capture.own.join(', ')}. That search domain has a record of the same name, often a wildcard that answers for every name.`,
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

function suffixEndsSearch(suspect: Suspect, lookup: LookupReport): Assessment | undefined {
  const { case: seen, endpoint } = suspect;
  const libc = seen.probe.ok ? seen.probe.value.libc : undefined;
  const stop = stoppedAtSuffix(endpoint.host, lookup, libc);
  if (stop === undefined) return undefined;
  const refused = stop.outcome === 'refused' && FILTERS_NAMES.has(seen.state.engine.cni);
  // A library that was seen to find the name with a final dot, and not without, and rules that refuse the other name.
  const shown = lookup.absolute !== undefined && lookup.absolute.addresses.length > 0;
  const proven = shown && refused && rulesFilter(suspect, stop);
  const library = libc === undefined ? 'C library' : `C library (${libc})`;
  return {
    class: refused ? 'FQDN_DNS_REFUSED' : 'DNS_RESOLVER_LIB',
    confidence: proven ? 'proven' : 'likely',
    statement: `The name server knows ${endpoint.host}, and answered ${stop.outcome.toUpperCase()} for ${stop.name}, which the search list has asked first; the pod's ${library} gives up there. ${refused ? BY_PROXY : BY_SERVER}`,
    ...(proven ? {} : { decidedBy: suffixDecider(endpoint.host, stop, shown) }),
  };
}

/** Cilium's datapath alone answers a filtered name itself; what was not recognised may be Cilium. */
export const FILTERS_NAMES: ReadonlySet<string> = new Set(['cilium', 'gke-dataplane-v2', 'unknown']);

const BY_PROXY =
  "A DNS proxy refuses names that no rules.dns entry admits: admit the suffixed names too (matchPattern), set tofqdns-dns-reject-response-code to nameError, or lower ndots in the pod's dnsConfig.";
const BY_SERVER = "Lower ndots in the pod's dnsConfig, or ask for the name with a final dot.";

/** The answer alone is the pod's word; that the rules refuse this very name is not. */
function rulesFilter({ case: { state, pod }, endpoint }: Suspect, { name }: NameAnswer): boolean {
  const destination = { ...endpoint.evaluation.destination, host: name, cnames: [], addresses: [] };
  return evaluateEgress(state, pod, destination).lookup.reason === 'dns_name_refused';
}

const suffixDecider = (host: string, { name, outcome }: NameAnswer, shown: boolean): string =>
  shown
    ? `who answers ${outcome.toUpperCase()} for ${name}: a dropped DNS request among Hubble's L7 flows is the DNS proxy, else the name server's own log`
    : `whether ${host}. (with a final dot) resolves in the same container`;

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

/** What the Istio sidecar proxy makes of a connection (policy-semantics §5.8); called by `stages/mesh.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { StageVerdict } from '../../model/evaluation.ts';
import type { IstioFacts } from '../../model/policies/mesh.ts';
import type { Pod } from '../../model/workload.ts';
import { policyName } from '../explain/sentences.ts';
import { combine } from '../stages/stage.ts';
import { gapFor, gapText } from '../state/gaps.ts';
import { addressesOf, mayBeService } from '../state/service-names.ts';
import { meantHost } from './istio-hint.ts';
import type { RegistryHost } from './istio-registry.ts';
import { namesFor } from './istio-registry.ts';
import type { IstioScope, Offer } from './istio-scope.ts';
import { offersAt, rootNamespaceOf, scopeOf } from './istio-scope.ts';
import type { Attempt, Take } from './istio-take.ts';
import { takeOf } from './istio-take.ts';
import { istioBypass, istioRangesMatter } from './proxy.ts';
import type { Speech } from './speech.ts';
import { SPOKEN, serverNameOf, speechesOf } from './speech.ts';
import { allows, blocks, undecided } from './words.ts';

interface Question {
  readonly state: ClusterState;
  readonly facts: IstioFacts;
  readonly scope: IstioScope;
  readonly destination: Destination;
  readonly offers: readonly Offer[];
}

export function istioStage(state: ClusterState, pod: Pod, destination: Destination): StageVerdict {
  const known = addressesOf(state, pod, destination);
  const addresses = known.length > 0 ? known : [undefined];
  const bypasses = addresses.map((address) => istioBypass(pod, address, destination.port));
  if (bypasses.every((why) => why !== undefined)) return allows(passesBy(bypasses[0] ?? ''));
  const facts = state.istio;
  if (facts === undefined) return undecided(NOTHING_READ);
  const unread = unreadSidecars(state, facts, pod);
  if (unread !== undefined) return undecided(unread);
  const scope = scopeOf(facts, pod);
  const question = { state, facts, scope, destination, offers: offersAt(state, scope, destination.port) };
  const stages = addresses.map((address, index) => {
    const bypass = bypasses[index];
    return bypass === undefined ? atAddress(question, address) : allows(passesBy(bypass));
  });
  return combine(stages) ?? undecided('no address to connect to');
}

const NOTHING_READ = "the pod has an Istio proxy, and Istio's configuration is not in the cluster state";

const passesBy = (why: string): string => `The connection does not pass the pod's Istio proxy: ${why}.`;

/** A Sidecar that was not read may hide hosts and block what is unknown. */
function unreadSidecars(state: ClusterState, facts: IstioFacts, pod: Pod): string | undefined {
  const namespaces = [pod.meta.namespace ?? 'default', rootNamespaceOf(facts)];
  const gap = namespaces.map((one) => gapFor(state, 'sidecars', one)).find((one) => one !== undefined);
  return gap && gapText(gap);
}

/** The same for everything the client may say, or undecided with what it depends on. */
function atAddress(question: Question, address: string | undefined): StageVerdict {
  const verdicts = speeches(question).map((speech) => ({ speech, stage: whenSaid(question, address, speech) }));
  const [first] = verdicts;
  if (first === undefined) return undecided('nothing is known of what the client says');
  if (verdicts.every(({ stage }) => stage.decision === first.stage.decision)) return first.stage;
  const sides = verdicts.map(({ speech, stage }) => `${SPOKEN[speech]} is ${WORD[stage.decision]}`).join(', ');
  const blocking = verdicts.find(({ stage }) => stage.decision === 'denied') ?? first;
  return undecided(
    `it depends on what the client says first: ${sides}. ${blocking.stage.explanation}`,
    blocking.stage.decidedBy,
  );
}

const WORD = { allowed: 'let through', denied: 'blocked', unknown: 'undecided' } as const;

/** On a port with no usual protocol the registry's own word for the name asked for counts. */
function speeches({ scope, destination, offers }: Question): readonly Speech[] {
  const usual = speechesOf(destination);
  if (usual.length === 1) return usual;
  const kinds = new Set(offers.filter(({ host }) => isAskedFor(host, scope.pod, destination)).map(({ kind }) => kind));
  const [kind] = kinds;
  return kinds.size === 1 && (kind === 'http' || kind === 'tls') ? [kind] : usual;
}

function isAskedFor(host: RegistryHost, pod: Pod, { host: name, addresses }: Destination): boolean {
  if (name !== undefined) return namesFor(host, pod).includes(name) || host.matches(name);
  return addresses.some((address) => host.literals.includes(address));
}

function whenSaid(question: Question, address: string | undefined, speech: Speech): StageVerdict {
  const { scope, destination, offers } = question;
  const attempt: Attempt = {
    pod: scope.pod,
    speech,
    ...(address !== undefined && { address }),
    ...(destination.host !== undefined && { host: destination.host }),
    ...nameSent(destination),
  };
  const take = takeOf(offers, attempt);
  if (take?.tri === 'yes') return throughRegistry(question, take);
  const verdict = leftOver(question, attempt);
  if (take === undefined || verdict.decision !== 'denied') return verdict;
  return undecided(`${policyName(take.host.ref)} may take it: ${take.why ?? 'part of it is not evaluated'}`);
}

function nameSent(destination: Destination): { serverName?: string } {
  const serverName = serverNameOf(destination);
  return serverName === undefined ? {} : { serverName };
}

function throughRegistry({ scope, destination }: Question, { host }: Take): StageVerdict {
  const name = policyName(host.ref);
  const other = destination.host !== undefined && !isAskedFor(host, scope.pod, destination);
  if (other && host.sendsElsewhere)
    return undecided(
      `the proxy sends everything that goes there to the endpoints of "${host.host}" (${name}), which may not be those of ${destination.host}`,
    );
  const text = `host "${host.host}" on port ${destination.port}`;
  return allows(`The pod's Istio proxy takes the connection for "${host.host}" of ${name}.`, [
    { policy: host.ref, path: host.isService ? 'spec.ports' : 'spec.hosts', effect: 'allow', text },
  ]);
}

/** What becomes of a connection that nothing in the registry takes. */
function leftOver(question: Question, attempt: Attempt): StageVerdict {
  const { outbound } = question.scope;
  if (outbound.mode === 'unknown') return undecided(outbound.words);
  if (outbound.mode === 'pass')
    return allows(`The pod's Istio proxy passes on what it does not know (${outbound.words}).`, outbound.decidedBy);
  const doubt = doubtOf(question, attempt);
  if (doubt !== undefined) return undecided(doubt, outbound.decidedBy);
  const hint = meantHost({ ...question, port: question.destination.port }, attempt);
  const what = attempt.host ?? attempt.address ?? 'the address';
  return blocks(
    `The pod's Istio proxy knows no ${what} on port ${question.destination.port} and blocks what it does not know (${outbound.words}): ${SEEN[attempt.speech]}.${hint === undefined ? '' : ` ${hint}`}`,
    outbound.decidedBy,
  );
}

/** Istio task "Accessing External Services"; that TCP connects all the same is reported in istio/istio#21579. */
const SEEN: Readonly<Record<Speech, string>> = {
  http: 'the connection opens, and the proxy answers requests with 502',
  tls: 'the connection opens, and the proxy resets it at the TLS handshake',
  tcp: 'the connection opens, and the proxy closes it',
};

/** What was not read, or is not evaluated, and might let it through. */
function doubtOf({ state, scope, destination }: Question, { speech, address, host }: Attempt): string | undefined {
  const entries = gapFor(state, 'serviceentries');
  if (entries !== undefined) return gapText(entries);
  const service = mayBeService(state, scope.pod, { address, host });
  if (service !== undefined) return service;
  if (address === undefined && istioRangesMatter(scope.pod))
    return "the pod's traffic.sidecar.istio.io annotations redirect some address ranges only, and the address is not known";
  return speech === 'http' && destination.port === 80 && host !== undefined ? routedBy(state, scope, host) : undefined;
}

/** Port 80 alone routes hosts of VirtualServices that no registry knows (pilot/pkg/networking/core/httproute.go). */
function routedBy(state: ClusterState, { namespace }: IstioScope, host: string): string | undefined {
  const gap = gapFor(state, 'virtualservices');
  if (gap !== undefined) return gapText(gap);
  const found = state.istio?.virtualServices.find(
    ({ meta, hosts, gateways, exportTo, hasHttp }) =>
      hasHttp &&
      (gateways.length === 0 || gateways.includes('mesh')) &&
      (exportTo.length === 0 ||
        exportTo.some((to) => to === '*' || to === namespace || (to === '.' && meta.namespace === namespace))) &&
      hosts.some((one) => one === host || (one.startsWith('*') && host.endsWith(one.slice(1)))),
  );
  return (
    found &&
    `VirtualService ${found.meta.namespace}/${found.meta.name} routes requests for it, and its routes are not evaluated`
  );
}

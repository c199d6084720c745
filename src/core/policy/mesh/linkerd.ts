/** What the Linkerd proxy makes of a connection: EgressNetworks and the routes attached to them; called by `stages/mesh.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { RuleRef, StageVerdict } from '../../model/evaluation.ts';
import type { LinkerdEgressNetwork, LinkerdFacts, LinkerdRoute } from '../../model/policies/mesh.ts';
import type { Pod } from '../../model/workload.ts';
import { policyName } from '../explain/sentences.ts';
import { combine } from '../stages/stage.ts';
import { gapFor, gapText } from '../state/gaps.ts';
import { addressesOf, mayBeService } from '../state/service-names.ts';
import { canonicalIp, indexOf } from '../state/state-index.ts';
import { egressNetworkFor, governing } from './linkerd-networks.ts';
import { attachedTo, isOpaque, routed } from './linkerd-routes.ts';
import { linkerdBypass } from './proxy.ts';
import type { Speech } from './speech.ts';
import { SPOKEN, speechesOf } from './speech.ts';
import { allows, blocks, undecided } from './words.ts';

interface Question {
  readonly state: ClusterState;
  readonly pod: Pod;
  readonly facts: LinkerdFacts;
  readonly destination: Destination;
  /** Those that count for the pod. */
  readonly networks: readonly LinkerdEgressNetwork[];
}

export function linkerdStage(state: ClusterState, pod: Pod, destination: Destination): StageVerdict {
  const known = addressesOf(state, pod, destination);
  const addresses = known.length > 0 ? known : [undefined];
  const namespace = indexOf(state).namespaces.get(pod.meta.namespace ?? 'default');
  const bypasses = addresses.map((address) => linkerdBypass(pod, namespace, { address, port: destination.port }));
  if (bypasses.every((why) => why !== undefined)) return allows(passesBy(bypasses[0] ?? ''));
  const facts = state.linkerd;
  if (facts === undefined)
    return undecided("the pod has a Linkerd proxy, and Linkerd's EgressNetworks are not in the cluster state");
  const found = governing(state, facts, pod.meta.namespace ?? 'default');
  if ('why' in found) return undecided(found.why);
  const question = { state, pod, facts, destination, networks: found.networks };
  const stages = addresses.map((address, index) => {
    const bypass = bypasses[index];
    return bypass === undefined ? atAddress(question, address) : allows(passesBy(bypass));
  });
  return combine(stages) ?? undecided('no address to connect to');
}

const passesBy = (why: string): string => `The connection does not pass the pod's Linkerd proxy: ${why}.`;

function atAddress(question: Question, address: string | undefined): StageVerdict {
  const { state, pod, facts, networks, destination } = question;
  if (address !== undefined && indexOf(state).servicesByIp.has(canonicalIp(address) ?? address))
    return allows('The address is that of a Service, which EgressNetworks do not govern.');
  const found = egressNetworkFor(facts, networks, address);
  if ('why' in found) return undecided(found.why);
  if (found.network === undefined)
    return allows("No EgressNetwork covers the address, so the pod's Linkerd proxy forwards the connection.");
  const verdict = byNetwork(question, found.network);
  const service = mayBeService(state, pod, { address, host: destination.host });
  return verdict.decision === 'denied' && service !== undefined ? undecided(service) : verdict;
}

function byNetwork(question: Question, network: LinkerdEgressNetwork): StageVerdict {
  const { state, destination } = question;
  const ref = refOf(network);
  if (network.trafficPolicy === 'Allow')
    return allows(
      `${policyName(ref.policy)} (trafficPolicy Allow) covers the address: the proxy forwards the connection.`,
      [{ ...ref, effect: 'allow' }],
    );
  if (network.trafficPolicy !== 'Deny') return undecided(`trafficPolicy ${network.trafficPolicy} is not understood`);
  const verdicts = speechesOf(destination).map((speech) => ({ speech, stage: denying(question, network, speech) }));
  const [first] = verdicts;
  const gap = verdicts.some(({ stage }) => stage.decision === 'denied') ? routeGap(state) : undefined;
  if (first === undefined || gap !== undefined) return undecided(gap ?? 'nothing is known of what the client says');
  if (verdicts.every(({ stage }) => stage.decision === first.stage.decision)) return first.stage;
  const sides = verdicts.map(({ speech, stage }) => `${SPOKEN[speech]} is ${WORD[stage.decision]}`).join(', ');
  return undecided(`it depends on what the client says first: ${sides}`, [ref]);
}

const WORD = { allowed: 'let through', denied: 'blocked', unknown: 'undecided' } as const;

/** Under Deny only what a route matches goes on (policy-controller/grpc/src/outbound.rs). */
function denying({ facts, destination }: Question, network: LinkerdEgressNetwork, speech: Speech): StageVerdict {
  const ref = refOf(network);
  const routes = attachedTo(network, facts, destination.port);
  const opaque = isOpaque(network, facts, destination.port);
  const found = routed({ routes, opaque, speech, destination });
  if (found.route !== undefined && found.narrow)
    return undecided(
      `${routeName(found.route)} takes some requests for it only, or sends them elsewhere, which is not evaluated`,
      [ref],
    );
  if (found.route !== undefined)
    return allows(`${routeName(found.route)} of ${policyName(ref.policy)} lets the connection through.`, [
      { policy: routeRef(found.route), path: 'spec.hostnames', effect: 'allow', text: hostnamesText(found.route) },
    ]);
  return blocks(
    `${policyName(ref.policy)} (trafficPolicy Deny) covers the address, and ${found.why}: ${SEEN[speech]}.`,
    [ref],
  );
}

/** policy-controller/grpc/src/outbound/{http,tls,tcp}.rs default_outbound_egress_route. */
const SEEN: Readonly<Record<Speech, string>> = {
  http: 'the connection opens, and the proxy answers requests with 403',
  tls: 'the connection opens, and the proxy closes it at the TLS handshake',
  tcp: 'the connection opens, and the proxy closes it',
};

function routeGap(state: ClusterState): string | undefined {
  const kinds = ['httproutes', 'grpcroutes', 'tlsroutes', 'tcproutes', 'linkerd'];
  const gap = kinds.map((kind) => gapFor(state, kind)).find((one) => one !== undefined);
  return gap && gapText(gap);
}

function refOf({ meta, trafficPolicy }: LinkerdEgressNetwork): RuleRef {
  const policy = { kind: 'EgressNetwork', name: meta.name, namespace: meta.namespace ?? 'default' };
  return { policy, path: 'spec.trafficPolicy', effect: 'deny', text: `trafficPolicy ${trafficPolicy}` };
}

function routeRef({ kind, meta }: LinkerdRoute): RuleRef['policy'] {
  return { kind, name: meta.name, namespace: meta.namespace ?? 'default' };
}

const routeName = (route: LinkerdRoute): string => policyName(routeRef(route));

function hostnamesText({ hostnames }: LinkerdRoute): string {
  return hostnames.length === 0 ? 'any host' : `hostnames ${hostnames.slice(0, 5).join(', ')}`;
}

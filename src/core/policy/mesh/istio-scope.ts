/** What one pod's Istio proxy was told: its Sidecar, the hosts it may see on a port, and what becomes of all others; for `istio.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { RuleRef } from '../../model/evaluation.ts';
import type { IstioEgressListener, IstioFacts, IstioOutboundPolicy, IstioSidecar } from '../../model/policies/mesh.ts';
import type { Pod } from '../../model/workload.ts';
import { policyName } from '../explain/sentences.ts';
import type { PortKind, RegistryHost } from './istio-registry.ts';
import { isVisible, portKind, registryOf } from './istio-registry.ts';

export interface IstioScope {
  readonly pod: Pod;
  readonly namespace: string;
  readonly sidecar: IstioSidecar | undefined;
  readonly outbound: Outbound;
}

/** What happens to a connection that nothing in the proxy's registry takes. */
export interface Outbound {
  readonly mode: 'pass' | 'block' | 'unknown';
  /** e.g. `outboundTrafficPolicy REGISTRY_ONLY of Sidecar shop/default`. */
  readonly words: string;
  readonly decidedBy: readonly RuleRef[];
}

/** A host at the port asked for, with how the listener reads that port. */
export interface Offer {
  readonly host: RegistryHost;
  readonly kind: PortKind;
}

export function scopeOf(facts: IstioFacts, pod: Pod): IstioScope {
  const namespace = pod.meta.namespace ?? 'default';
  const sidecar = sidecarFor(facts, pod, namespace);
  return { pod, namespace, sidecar, outbound: outboundOf(facts, sidecar) };
}

export function rootNamespaceOf({ meshConfig, controlPlane }: IstioFacts): string {
  return (meshConfig.ok ? meshConfig.value.rootNamespace : undefined) ?? controlPlane;
}

/**
 * pilot/pkg/model/push_context.go getSidecarScope: in the pod's namespace one whose selector takes the pod, then one without a
 * selector, the oldest of several; else the one without a selector in the root namespace.
 */
function sidecarFor(facts: IstioFacts, pod: Pod, namespace: string): IstioSidecar | undefined {
  const inOrder = facts.sidecars.toSorted((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
  const own = inOrder.filter(({ meta }) => (meta.namespace ?? 'default') === namespace);
  const selecting = own.find(
    ({ workloadSelector }) =>
      workloadSelector !== undefined &&
      Object.entries(workloadSelector).every(([key, value]) => pod.meta.labels[key] === value),
  );
  const plain = (one: IstioSidecar) => one.workloadSelector === undefined;
  const root = rootNamespaceOf(facts);
  return selecting ?? own.find(plain) ?? inOrder.find((one) => plain(one) && one.meta.namespace === root);
}

const ageOf = ({ meta }: IstioSidecar): string =>
  `${meta.creationTimestamp ?? ''} ${meta.name}.${meta.namespace ?? ''}`;

/** sidecar.go initSidecarScopeInternalIndexes: the Sidecar's own, else the mesh's; the mesh's default is ALLOW_ANY (pkg/config/mesh/mesh.go). */
function outboundOf({ meshConfig }: IstioFacts, sidecar: IstioSidecar | undefined): Outbound {
  if (sidecar?.outboundTrafficPolicy !== undefined) {
    const { name, namespace } = sidecar.meta;
    const policy = { kind: 'Sidecar', name, ...(namespace !== undefined && { namespace }) };
    // The mode that a policy without one has is the first of the enumeration (istio.io/api networking/v1alpha3/sidecar.proto).
    return outbound(sidecar.outboundTrafficPolicy, 'REGISTRY_ONLY', { policy, path: 'spec.outboundTrafficPolicy' });
  }
  if (!meshConfig.ok) {
    if (meshConfig.notRead.code !== 'not_in_archive')
      return {
        mode: 'unknown',
        words: `the mesh's outboundTrafficPolicy was not read (${meshConfig.notRead.reason})`,
        decidedBy: [],
      };
    return {
      mode: 'pass',
      words: "the archive holds no MeshConfig, so Istio's default ALLOW_ANY is assumed",
      decidedBy: [],
    };
  }
  const { source, outboundTrafficPolicy } = meshConfig.value;
  if (outboundTrafficPolicy === undefined)
    return {
      mode: 'pass',
      words: `outboundTrafficPolicy ALLOW_ANY, the default, of ConfigMap ${source}`,
      decidedBy: [],
    };
  const [namespace = '', name = ''] = source.split('/');
  const at = { policy: { kind: 'ConfigMap', namespace, name }, path: 'data.mesh.outboundTrafficPolicy' };
  return outbound(outboundTrafficPolicy, undefined, at);
}

function outbound(
  { mode, hasEgressProxy }: IstioOutboundPolicy,
  unsaid: string | undefined,
  at: Pick<RuleRef, 'policy' | 'path'>,
): Outbound {
  const said = mode ?? unsaid;
  const words = `outboundTrafficPolicy ${said ?? 'without a mode'} of ${at.policy.kind} ${at.policy.namespace}/${at.policy.name}`;
  const ref = (effect: RuleRef['effect']): RuleRef => ({ ...at, effect, text: `outboundTrafficPolicy ${said}` });
  if (said === 'REGISTRY_ONLY') return { mode: 'block', words, decidedBy: [ref('deny')] };
  if (said?.startsWith('ALLOW_ANY') !== true)
    return { mode: 'unknown', words: `${words} is not understood`, decidedBy: [] };
  if (hasEgressProxy)
    return {
      mode: 'unknown',
      words: `${words} sends it to an egress proxy, whose rules are not evaluated`,
      decidedBy: [],
    };
  return { mode: 'pass', words, decidedBy: [ref('allow')] };
}

/**
 * The hosts that the proxy listens for on the port. A listener of the Sidecar for exactly this port reads it as it says, and the listener
 * for all ports then adds only what has an address of its own (pilot/pkg/networking/core/listener.go, `locked`).
 */
export function offersAt(state: ClusterState, scope: IstioScope, port: number): readonly Offer[] {
  const listeners = (scope.sidecar?.egress ?? []).filter(isRedirected);
  if ((scope.sidecar?.egress ?? []).length === 0) return offersOf(state, scope, EVERYTHING, port);
  const exact = listeners.find((one) => one.port?.number === port);
  const all = listeners.find((one) => one.port === undefined);
  const rest = all ? offersOf(state, scope, all, port) : [];
  if (exact === undefined) return rest;
  const found = offersOf(state, scope, exact, port);
  // Without a host that has the port there is no such listener; routes of plain HTTP are made for its hosts all the same (GetEgressListenerForRDS).
  if (found.length === 0) return rest.filter((offer) => offer.kind !== 'http');
  const kind = portKind(exact.port?.protocol ?? '');
  // Routes of an HTTP listener are made for hosts whose own port speaks HTTP (pilot/pkg/networking/core/httproute.go).
  const own = kind === 'http' ? found.filter((offer) => offer.kind === 'http' || offer.kind === 'auto') : found;
  return [...own.map(({ host }): Offer => ({ host, kind })), ...rest.filter(hasOwnListener)];
}

/** A range has no address to listen at, so it shares the listener for all addresses. */
function hasOwnListener({ host, kind }: Offer): boolean {
  return kind !== 'http' && host.addresses.some((address) => !address.includes('/'));
}

/** Every host that the pod's namespace may see at all, whatever its Sidecar imports; for naming what was meant. */
export function visibleHosts(state: ClusterState, scope: IstioScope): readonly RegistryHost[] {
  const config = state.istio?.meshConfig;
  const fallback = config?.ok ? config.value.defaultServiceExportTo : undefined;
  const visible = registryOf(state).filter((host) => isVisible(host, scope.namespace, fallback));
  // push_context.go servicesExportedToNamespace: what is exported to the namespace itself comes before what is public.
  return visible.toSorted((a, b) => Number(isPublic(a, fallback)) - Number(isPublic(b, fallback)));
}

function isPublic({ exportTo }: RegistryHost, fallback: readonly string[] | undefined): boolean {
  return (exportTo.length > 0 ? exportTo : (fallback ?? ['*'])).includes('*');
}

const EVERYTHING: IstioEgressListener = { hosts: ['*/*'] };

/** One that the application has to address itself takes no redirected connection. */
function isRedirected({ bind, captureMode }: IstioEgressListener): boolean {
  return captureMode !== 'NONE' && (bind === undefined || bind === '' || bind === '0.0.0.0');
}

function offersOf(
  state: ClusterState,
  scope: IstioScope,
  listener: IstioEgressListener,
  port: number,
): readonly Offer[] {
  const imported = visibleHosts(state, scope).filter(
    (host) =>
      imports(listener, host, scope.namespace) &&
      // A listener for one port imports only what has the port (sidecar.go serviceMatchingListenerPort).
      (listener.port === undefined || host.ports.some(({ number }) => number === port)),
  );
  const offers = chosen(imported, scope.namespace).flatMap((host): Offer[] => {
    const found = host.ports.find((one) => one.number === port);
    return found === undefined || found.kind === 'none' ? [] : [{ host, kind: found.kind }];
  });
  return offers.map((offer) => contradicted(offer, offers) ?? offer);
}

/** Entries of one host that read its port differently are merged into one, of which it cannot be told what remains (sidecar.go appendSidecarServices). */
function contradicted({ host, kind }: Offer, offers: readonly Offer[]): Offer | undefined {
  const other = offers.find((one) => one.host.host === host.host && one.kind !== kind);
  const unclear = `${policyName(host.ref)} and another give "${host.host}" different protocols for the port`;
  return other && { host: { ...host, unclear }, kind };
}

/** sidecar.go selectServices: the host's own namespace first, then `*`; what `~` excludes stays out whatever else names it. */
function imports({ hosts }: IstioEgressListener, host: RegistryHost, own: string): boolean {
  const wanted = hosts
    .map((entry) => importOf(entry, own))
    .filter(({ namespace }) => namespace === '*' || namespace === host.namespace);
  const covered = (excluded: boolean): boolean =>
    wanted.some((one) => one.excluded === excluded && isSubset(host.host, one.name));
  return covered(false) && !covered(true);
}

/** sidecar.go convertIstioListenerToWrapper: `~/*` excludes everything. */
function importOf(entry: string, own: string): { namespace: string; name: string; excluded: boolean } {
  const [prefix = '', name = ''] = entry.split('/');
  const excluded = prefix.startsWith('~');
  const namespace = (excluded ? prefix.slice(1) : prefix) || '*';
  return { namespace: namespace === '.' ? own : namespace, name: name.toLowerCase(), excluded };
}

/** pkg/config/host/name.go SubsetOf: what follows the star is a suffix, dots in front included. */
function isSubset(host: string, of: string): boolean {
  if (!of.startsWith('*')) return host === of;
  const tail = host.startsWith('*') ? host.slice(1) : host;
  return host.length >= (host.startsWith('*') ? of.length : 0) && tail.endsWith(of.slice(1));
}

/** sidecar.go selectServices: of a host name in several namespaces that of the pod's counts, else a Service's, else the oldest. */
function chosen(hosts: readonly RegistryHost[], own: string): readonly RegistryHost[] {
  const byName = Map.groupBy(hosts, ({ host }) => host);
  return [...byName.values()].flatMap((same) => {
    const first = same.find(({ namespace }) => namespace === own) ?? same.find(({ isService }) => isService) ?? same[0];
    return same.filter(({ namespace }) => namespace === first?.namespace);
  });
}

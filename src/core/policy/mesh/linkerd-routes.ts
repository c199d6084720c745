/** Which route of an EgressNetwork takes a connection (policy-controller/grpc/src/outbound.rs); for `linkerd.ts`. */
import type { Destination } from '../../model/destination.ts';
import type { LinkerdEgressNetwork, LinkerdFacts, LinkerdRoute } from '../../model/policies/mesh.ts';
import { patternMatcher } from '../fqdn/dialects.ts';
import { listsPort } from './proxy.ts';
import type { Speech } from './speech.ts';
import { serverNameOf } from './speech.ts';

/** The chart's default of `proxy.opaquePorts`. */
const OPAQUE_PORTS = '25,587,3306,4444,5432,6379,9300,11211';

interface Attached {
  readonly routes: readonly LinkerdRoute[];
  /** The proxy does not look at what the client says on this port. */
  readonly opaque: boolean;
  readonly speech: Speech;
  readonly destination: Destination;
}

export type Routed =
  | { readonly route: LinkerdRoute; readonly narrow: boolean }
  | { readonly route?: undefined; readonly why: string };

/**
 * Routes of the network for the port. One that names no port is attached to nothing: without a port only a Service is accepted as a parent
 * (policy-controller/k8s/index/src/outbound/index/http.rs route_accepted_by_service).
 */
export function attachedTo(network: LinkerdEgressNetwork, facts: LinkerdFacts, port: number): readonly LinkerdRoute[] {
  const namespace = network.meta.namespace ?? 'default';
  return facts.routes.filter(
    ({ parents, meta, rejected }) =>
      !rejected &&
      parents.some(
        (parent) =>
          parent.kind === 'EgressNetwork' &&
          parent.group === 'policy.linkerd.io' &&
          parent.name === network.meta.name &&
          (parent.namespace ?? meta.namespace ?? 'default') === namespace &&
          parent.port === port,
      ),
  );
}

export function isOpaque({ meta }: LinkerdEgressNetwork, { config }: LinkerdFacts, port: number): boolean {
  const configured = config.ok ? config.value.opaquePorts : undefined;
  return listsPort(meta.annotations['config.linkerd.io/opaque-ports'] ?? configured ?? OPAQUE_PORTS, port);
}

/** Kinds do not mix: where a port has routes of one kind, those of the later kinds are not asked. */
const ORDER = ['GRPCRoute', 'HTTPRoute', 'TLSRoute', 'TCPRoute'] as const;

export function routed({ routes, opaque, speech, destination }: Attached): Routed {
  const asked = opaque ? 'TCPRoute' : ORDER.find((kind) => routes.some((route) => route.kind === kind));
  const those = routes.filter(({ kind }) => kind === asked);
  const [any] = those;
  if (any === undefined) return { why: `no route is attached to it for port ${destination.port}` };
  if (asked === 'TCPRoute') return { route: any, narrow: any.narrow };
  const wanted = asked === 'TLSRoute' ? 'tls' : 'http';
  if (speech !== wanted)
    return { why: `its routes for port ${destination.port} are ${asked}s, which take ${wanted.toUpperCase()} only` };
  const name = asked === 'TLSRoute' ? serverNameOf(destination) : (destination.host ?? destination.addresses[0]);
  const fitting = those.filter((route) => takes(route, name));
  const found = fitting.find((route) => !isNarrow(route)) ?? fitting[0];
  if (found !== undefined) return { route: found, narrow: isNarrow(found) };
  const hosts = those
    .flatMap(({ hostnames }) => hostnames)
    .slice(0, 5)
    .join(', ');
  return { why: `its ${asked}s for port ${destination.port} name ${hosts} only` };
}

/** A gRPC route is about methods, which nobody asked about. */
function isNarrow({ kind, narrow }: LinkerdRoute): boolean {
  return narrow || kind === 'GRPCRoute';
}

function takes({ hostnames }: LinkerdRoute, name: string | undefined): boolean {
  if (hostnames.length === 0) return true;
  return name !== undefined && hostnames.some((one) => patternMatcher(one, 'gateway')(name));
}

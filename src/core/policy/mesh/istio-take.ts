/** Whether the proxy takes a connection for a host of Istio's registry (pilot/pkg/networking/core/listener.go, tls.go, httproute.go); for `istio.ts`. */
import type { Pod } from '../../model/workload.ts';
import { cidrContains, parseNetwork, widthOf } from '../../net/cidr.ts';
import { parseIp } from '../../net/ip.ts';
import type { Tri } from '../tri.ts';
import { triOf } from '../tri.ts';
import type { RegistryHost } from './istio-registry.ts';
import { namesFor } from './istio-registry.ts';
import type { Offer } from './istio-scope.ts';
import type { Speech } from './speech.ts';

export interface Attempt {
  readonly pod: Pod;
  /** Absent where it is not known. */
  readonly address?: string;
  /** The name asked for. */
  readonly host?: string;
  readonly serverName?: string;
  readonly speech: Speech;
}

export interface Take {
  readonly tri: Tri;
  readonly why?: string;
  readonly host: RegistryHost;
}

type Place = 'own' | 'range' | 'everywhere' | 'not' | 'unknown';

/** What the offers together make of the attempt: the first that takes it, else the first that may. */
export function takeOf(offers: readonly Offer[], attempt: Attempt): Take | undefined {
  const plain = attempt.speech === 'http' && offers.some((offer) => listensForHttp(offer));
  const takes = nearest(offers, attempt).map((offer) => taken(offer, attempt, plain));
  const sure = takes.filter(({ tri }) => tri === 'yes');
  return sure.find(({ host }) => isNamed(host, attempt)) ?? sure[0] ?? takes.find(({ tri }) => tri === 'unknown');
}

/**
 * A listener at the very address leaves nothing to others. In the one for all addresses Envoy looks at ranges before it looks at the
 * server name (envoy config.listener.v3.FilterChainMatch), and what no chain matches goes to a host that takes any TCP. Plain HTTP is
 * told apart before.
 */
function nearest(offers: readonly Offer[], attempt: Attempt): readonly Offer[] {
  const at = (place: Place) => offers.filter(({ host, kind }) => kind !== 'http' && placeOf(host, attempt) === place);
  const own = at('own');
  if (own.length > 0) return own;
  const range = attempt.speech === 'http' ? [] : at('range');
  return range.length > 0 ? [...range, ...at('everywhere').filter(({ kind }) => kind === 'tcp')] : offers;
}

/** Of the hosts that share a listener the one with the server name is chosen before one that takes anything. */
function isNamed(host: RegistryHost, { host: name, serverName = name }: Attempt): boolean {
  return serverName !== undefined && host.matches(serverName);
}

/** A listener at every address with an HTTP part takes all plain HTTP of the port, and goes by the request's host. */
function listensForHttp({ host, kind }: Offer): boolean {
  return kind === 'http' || (kind === 'auto' && host.addresses.length === 0);
}

function taken(offer: Offer, attempt: Attempt, plainIsRouted: boolean): Take {
  const { host, kind } = offer;
  const at = kind === 'http' ? 'everywhere' : placeOf(host, attempt);
  if (at === 'not') return { tri: 'no', host };
  const tri = accepts(offer, attempt, { at, plainIsRouted });
  if (tri === 'no') return { tri, host };
  if (host.unclear !== undefined) return { tri: 'unknown', why: host.unclear, host };
  if (at === 'unknown')
    return { tri: 'unknown', why: 'whether the address is one of those it lists is not known', host };
  return { tri, host };
}

function accepts(
  { host, kind }: Offer,
  attempt: Attempt,
  { at, plainIsRouted }: { readonly at: Place; readonly plainIsRouted: boolean },
): Tri {
  const { speech, serverName } = attempt;
  // At an address of its own the host takes whatever is said.
  if (at === 'own') return 'yes';
  switch (kind) {
    case 'tls':
      return triOf(speech === 'tls' && serverName !== undefined && host.matches(serverName));
    case 'tcp':
      return triOf(speech !== 'http' || !plainIsRouted || at === 'range');
    default:
      return triOf(speech === 'http' ? requestNames(host, attempt) : kind === 'auto');
  }
}

/** Plain HTTP is routed by the request's host, which may be an address of the service. */
function requestNames(host: RegistryHost, { pod, host: name, address }: Attempt): boolean {
  if (name === undefined) return address !== undefined && host.literals.includes(address);
  const plain = namesFor(host, pod);
  return plain.some((one) => one === name) || host.matches(name);
}

/** Where the proxy listens for the host. */
function placeOf(host: RegistryHost, attempt: Attempt): Place {
  if (host.assigned.length > 0 && capturesDns(attempt.pod)) return assignedPlace(host, attempt);
  if (host.addresses.length === 0) return 'everywhere';
  const ip = attempt.address === undefined ? undefined : parseIp(attempt.address);
  // Without its address, a name that lies outside is at no Service.
  if (ip === undefined) return host.isService ? 'not' : 'unknown';
  const around = host.addresses.flatMap((text) => parseNetwork(text) ?? []).filter((cidr) => cidrContains(cidr, ip));
  if (around.length === 0) return 'not';
  return around.some(({ prefix, family }) => prefix === widthOf(family)) ? 'own' : 'range';
}

/** Who asks such a proxy's DNS for the name gets the allocated address. */
function assignedPlace(host: RegistryHost, { host: name, address }: Attempt): Place {
  if (address !== undefined && host.assigned.includes(address)) return 'own';
  return name !== undefined && host.matches(name) ? 'own' : 'not';
}

/** Istio docs "DNS Proxying": the proxy's metadata becomes its environment. */
function capturesDns({ containers }: Pod): boolean {
  return containers.some(({ name, env }) => name === 'istio-proxy' && env['ISTIO_META_DNS_CAPTURE'] === 'true');
}

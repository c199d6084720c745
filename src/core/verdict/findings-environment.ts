/** Findings from the pod's own specification: what answers its names, whose network it has, where it gets its identity. */
import { endpointName } from '../causes/cause-rule.ts';
import type { IdentityEndpoint, PodEnvironment } from '../model/environment.ts';
import type { Finding } from '../model/evidence.ts';
import { podEnvironment } from '../path/environment.ts';
import { works } from '../path/phase.ts';
import type { Case, EndpointCase } from './case.ts';

interface Fact {
  readonly id: string;
  readonly statement: string;
  readonly what: string;
}

/** Only what bears on this endpoint: nothing is said of a pod that is like any other. */
export function environmentFindings(seen: Case, endpoint: EndpointCase): readonly Finding[] {
  const node = seen.state.nodes.find(({ meta }) => meta.name === seen.pod.nodeName);
  const environment = podEnvironment(seen.pod, node);
  return [
    aliasFact(environment, endpoint),
    networkFact(environment),
    resolverFact(environment, endpoint),
    endpoint.interceptedBy === undefined ? undefined : meshFact(environment),
    identityFact(environment, endpoint),
    comparisonFact(environment, seen, endpoint),
  ]
    .filter((fact) => fact !== undefined)
    .map(({ id, statement, what }) => ({
      id,
      state: 'confirmed',
      statement,
      evidence: [{ source: 'cluster', where: `pod ${podName(seen)}`, what, when: seen.asOf }],
    }));
}

const podName = ({ pod }: Case): string => `${pod.meta.namespace ?? 'default'}/${pod.meta.name}`;

/** /etc/hosts is asked first, so neither DNS nor an FQDN rule ever sees the name. */
function aliasFact({ hostAliases }: PodEnvironment, { host }: EndpointCase): Fact | undefined {
  const addresses = Object.hasOwn(hostAliases, host) ? hostAliases[host] : undefined;
  if (addresses === undefined) return undefined;
  return {
    id: 'host-alias',
    statement: `The pod's own hostAliases answer ${host}: no DNS server is asked, and no FQDN rule learns its address.`,
    what: `spec.hostAliases: ${host} → ${addresses.join(', ')}`,
  };
}

function networkFact({ network }: PodEnvironment): Fact | undefined {
  if (network === 'pod') return undefined;
  return {
    id: 'host-network',
    statement: "The pod has its node's network: policies for pods do not hold for it, those for hosts may.",
    what: 'spec.hostNetwork is true',
  };
}

const RESOLVERS: Readonly<Record<PodEnvironment['dns']['base'], string>> = {
  cluster: "the cluster's DNS",
  node: "its node's resolver configuration, not the cluster's DNS",
  own: 'the name servers of its own dnsConfig, not the DNS of the cluster',
};

/** Names of the cluster do not resolve there, and a DNS proxy that a policy points at the cluster's DNS does not see the lookup. */
function resolverFact({ dns }: PodEnvironment, { evaluation }: EndpointCase): Fact | undefined {
  const altered = dns.base !== 'cluster' || dns.nameservers.length > 0 || dns.searches.length > 0;
  if (evaluation.destination.host === undefined || (!altered && dns.options.length === 0)) return undefined;
  const added = [
    dns.nameservers.length > 0 ? `nameservers ${dns.nameservers.join(', ')}` : '',
    dns.searches.length > 0 ? `searches ${dns.searches.join(', ')}` : '',
    dns.options.length > 0 ? `options ${dns.options.join(' ')}` : '',
  ].filter((part) => part !== '');
  return {
    id: 'resolver-of-pod',
    statement: `The pod looks names up by ${RESOLVERS[dns.base]}${added.length > 0 ? ', with settings of its own' : ''}.`,
    what: [`spec.dnsPolicy is ${dns.policy}`, ...added].join('; '),
  };
}

function meshFact({ interceptor, nativeProxy }: PodEnvironment): Fact | undefined {
  if (interceptor === undefined) return undefined;
  const when = nativeProxy === false ? ' It starts beside the application, so early calls may find it not ready.' : '';
  return {
    id: 'mesh-in-path',
    statement: `Connections of the pod, and the probe's with them, pass through the mesh proxy ${interceptor}.${when}`,
    what: `the pod has ${interceptor}`,
  };
}

const isOneOf = ({ hosts, port }: IdentityEndpoint, endpoint: EndpointCase): boolean =>
  hosts.includes(endpoint.host) && port === endpoint.port;

function identityFact({ identities }: PodEnvironment, endpoint: EndpointCase): Fact | undefined {
  const identity = identities.find((one) => isOneOf(one, endpoint));
  if (identity === undefined) return undefined;
  return {
    id: 'identity-endpoint',
    statement: `${endpointName(endpoint)} is where the pod gets its cloud identity: while it is not reached, every call of the cloud's SDK fails, whatever host it is for.`,
    what: `${identity.kind}, seen by ${identity.seenBy}`,
  };
}

/** Identity endpoints are often allowed for all: that one works says nothing about any other host. */
function comparisonFact({ identities }: PodEnvironment, seen: Case, subject: EndpointCase): Fact | undefined {
  const working = seen.endpoints.filter((endpoint) => endpoint !== subject && works(endpoint));
  const only = working.length > 0 && working.every((endpoint) => identities.some((one) => isOneOf(one, endpoint)));
  if (!only) return undefined;
  return {
    id: 'only-identity-works',
    statement:
      'What works is the identity endpoint alone, which is often allowed ahead of everything else: it says that the network works, and nothing of other hosts.',
    what: working.map(endpointName).join(', '),
  };
}

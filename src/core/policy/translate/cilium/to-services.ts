/** `toServices` as the peers Cilium generates from it: the Service's pods, or the backends' addresses (policy-semantics §3.4). */
import type { ClusterState } from '../../../model/cluster-state.ts';
import type { LabelSelector } from '../../../model/selector.ts';
import type { Service } from '../../../model/workload.ts';
import { singleCidr } from '../../../net/cidr.ts';
import { parseIp } from '../../../net/ip.ts';
import { NAMESPACE_KEY } from '../../identity/labels.ts';
import type { Requirements } from '../../rules/label-selector.ts';
import { ciliumRequirements, equals, k8sRequirements, matchRequirements } from '../../rules/label-selector.ts';
import type { Peer, PeerMatch } from '../../rules/rule.ts';
import { indexOf } from '../../state/state-index.ts';
import { labelSelectorProblem } from './validate-selector.ts';

/** Peers of all entries; empty when no Service matches. */
export function servicePeers(entries: readonly unknown[], state: ClusterState, path: string): readonly Peer[] {
  const { minor } = indexOf(state).settings;
  return entries.flatMap((entry, index) => {
    const at = `${path}[${index}]`;
    return state.services.filter(matcherOf(entry, minor)).flatMap((service) => peersOf(service, state, at));
  });
}

function peersOf(service: Service, state: ClusterState, path: string): Peer[] {
  const text = `toServices ${service.meta.namespace ?? 'default'}/${service.meta.name}`;
  return matchesOf(service, state).map((match) => ({ match, path, text }));
}

function matchesOf(service: Service, state: ClusterState): PeerMatch[] {
  const selector = Object.entries(service.selector);
  if (selector.length > 0) {
    const namespace = equals('k8s', NAMESPACE_KEY, service.meta.namespace ?? 'default');
    return [
      { kind: 'labels', requirements: [...selector.map(([key, value]) => equals('k8s', key, value)), namespace] },
    ];
  }
  const addresses = indexOf(state)
    .backendsOf(service)
    .flatMap((backend) => backend.addresses);
  return addresses.flatMap((address): PeerMatch[] => {
    const ip = parseIp(address);
    return ip ? [{ kind: 'cidr', cidr: singleCidr(ip), except: [] }] : [];
  });
}

function matcherOf(entry: unknown, minor: number): (service: Service) => boolean {
  const selector = record(record(entry).k8sServiceSelector);
  const reference = record(record(entry).k8sService);
  if (Object.keys(selector).length > 0) return selectorMatcher(selector, minor);
  const { serviceName, namespace } = reference;
  return (service) => service.meta.name === serviceName && inNamespace(service, namespace);
}

function selectorMatcher(reference: Record<string, unknown>, minor: number): (service: Service) => boolean {
  const selector = toSelector(record(reference.selector));
  if (minor < 19 && isUnsound(selector)) return () => false;
  const requirements = serviceRequirements(selector, minor);
  return (service) => {
    const labels = {
      sources: new Map([['k8s', new Map(Object.entries(service.meta.labels))]]),
      namespaceLabelsKnown: true,
    };
    return inNamespace(service, reference.namespace) && matchRequirements(requirements, labels) === 'yes';
  };
}

/**
 * Cilium looks for the labels under any source. 1.19 alone takes the selector as written, without giving the keys their source
 * first: what stands before the first dot is then read as the source, and a selector that is no Kubernetes selector, such as one
 * with `k8s:` in it, restricts nothing; before 1.19 it took no Service (pkg/policy/k8s/service.go, serviceSelectorMatches; pkg/policy/types, LabelSelectorToRequirements).
 */
function serviceRequirements(selector: LabelSelector, minor: number): Requirements {
  if (minor === 19 && isUnsound(selector)) return [];
  const own = minor === 19 ? k8sRequirements(selector) : ciliumRequirements(selector, minor);
  return own.map((one) => ({ ...one, source: 'any', key: minor === 19 ? afterDot(one.key) : one.key }));
}

function isUnsound(selector: LabelSelector): boolean {
  return labelSelectorProblem(selector, (key) => key) !== undefined;
}

function afterDot(key: string): string {
  return key.slice(key.indexOf('.') + 1);
}

function inNamespace(service: Service, namespace: unknown): boolean {
  return namespace === undefined || namespace === '' || namespace === (service.meta.namespace ?? 'default');
}

function toSelector(raw: Record<string, unknown>): LabelSelector {
  const matchLabels = Object.fromEntries(
    Object.entries(record(raw.matchLabels)).map(([key, value]) => [key, String(value)]),
  );
  const expressions = Array.isArray(raw.matchExpressions) ? raw.matchExpressions.map(record) : [];
  return {
    matchLabels,
    matchExpressions: expressions.map((one) => ({
      key: String(one.key),
      operator: one.operator as 'In',
      values: Array.isArray(one.values) ? one.values.map(String) : [],
    })),
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

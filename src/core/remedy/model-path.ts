/** Paths and values of stored Cilium rules in the model's shape (L7 lists are flattened there); used by `apply-change.ts`. */
import type { PolicyChange } from '../model/evaluation.ts';
import type { ObjectMeta } from '../model/object-meta.ts';
import type {
  CiliumCidrRule,
  CiliumEgressRule,
  CiliumPortRule,
  NetworkPolicyEgressRule,
  NetworkPolicyPort,
  PatchablePolicy,
} from '../model/policy.ts';
import type { LabelSelector } from '../model/selector.ts';

type Path = readonly (string | number)[];

/** `…toPorts[0].rules.dns` → `…toPorts[0].dns`; whole elements are converted. */
export function toModelPath(path: Path, value: unknown): { path: Path; value: unknown } {
  const at = path.indexOf('rules');
  if (at === -1) return { path, value: convert(path, value) };
  if (at < path.length - 1) return { path: path.toSpliced(at, 1), value };
  return { path: [...path.slice(0, at), 'dns'], value: record(value).dns };
}

function convert(path: Path, value: unknown): unknown {
  const list = path.at(-2);
  if (list === 'egress' || list === 'egressDeny') return toModelEgress(value);
  if (list === 'toEndpoints' || list === 'toNodes') return toModelSelector(value);
  if (list === 'toPorts') return toModelPorts(value);
  if (path.at(-1) === 'toCIDRSet') return items(value).map(toModelCidr);
  return list === 'toCIDRSet' ? toModelCidr(value) : value;
}

/** One element of `egress` as stored → model. */
export function toModelEgress(value: unknown): CiliumEgressRule {
  const raw = record(value);
  const rule = raw as CiliumEgressRule;
  return {
    ...rule,
    ...(raw.toEndpoints !== undefined && { toEndpoints: items(raw.toEndpoints).map(toModelSelector) }),
    ...(raw.toCIDRSet !== undefined && { toCIDRSet: items(raw.toCIDRSet).map(toModelCidr) }),
    ...(raw.toPorts !== undefined && { toPorts: items(raw.toPorts).map(toModelPorts) }),
  };
}

/** A whole policy as `new-policy.ts` writes one. */
export function toModelPolicy({ policy, value }: PolicyChange): PatchablePolicy {
  const spec = record(record(value).spec);
  const meta: ObjectMeta = { ...policy, labels: {}, annotations: {}, owners: [], managers: [] };
  if (policy.kind === 'NetworkPolicy')
    return {
      kind: 'NetworkPolicy',
      meta,
      podSelector: toModelSelector(spec.podSelector),
      policyTypes: items(spec.policyTypes).map(String),
      egress: items(spec.egress).map(toModelNetworkRule),
    };
  const rule = {
    endpointSelector: toModelSelector(spec.endpointSelector),
    egress: items(spec.egress).map(toModelEgress),
    hasIngress: false,
  };
  return { kind: 'CiliumNetworkPolicy', meta, rules: [{ path: 'spec', rule }], conditions: [] };
}

/** What lies at a path below a NetworkPolicy's `spec` as stored → model: a whole rule, one of its peers or ports, or a plain value. */
export function toModelNetworkValue(path: Path, value: unknown): unknown {
  const list = path.at(-2);
  if (path[0] !== 'egress') return value;
  // A selector of a peer, not a label of that name.
  if (typeof list === 'number' && String(path.at(-1)).endsWith('Selector')) return toModelSelector(value);
  if (list === 'egress') return toModelNetworkRule(value);
  if (list === 'to') return toModelNetworkRule({ to: [value] }).to?.[0];
  return list === 'ports' ? toModelNetworkPort(value) : value;
}

function toModelNetworkRule(value: unknown): NetworkPolicyEgressRule {
  const raw = record(value);
  const to = items(raw.to).map((one) => {
    const peer = record(one);
    const block = record(peer.ipBlock);
    const ipBlock = { cidr: String(block.cidr), except: items(block.except).map(String) };
    return {
      ...(peer.ipBlock !== undefined && { ipBlock }),
      ...(peer.podSelector !== undefined && { podSelector: toModelSelector(peer.podSelector) }),
      ...(peer.namespaceSelector !== undefined && { namespaceSelector: toModelSelector(peer.namespaceSelector) }),
    };
  });
  const ports = items(raw.ports).map(toModelNetworkPort);
  return {
    ...(raw as NetworkPolicyEgressRule),
    ...(raw.to !== undefined && { to }),
    ...(raw.ports !== undefined && { ports }),
  };
}

/** A number may come as text: names have a letter at least (RFC 6335). */
function toModelNetworkPort(value: unknown): NetworkPolicyPort {
  const port = record(value) as NetworkPolicyPort;
  const number = typeof port.port === 'string' && /^\d+$/.test(port.port) ? Number(port.port) : undefined;
  return number === undefined ? port : { ...port, port: number };
}

function toModelPorts(value: unknown): CiliumPortRule {
  const { rules, ...rest } = record(value);
  const { dns, http } = record(rules);
  return {
    ...(rest as CiliumPortRule),
    ...(dns !== undefined && { dns: dns as NonNullable<CiliumPortRule['dns']> }),
    ...(http !== undefined && { http: items(http) }),
  };
}

export function toModelSelector(value: unknown): LabelSelector {
  const raw = record(value);
  return {
    matchLabels: record(raw.matchLabels) as LabelSelector['matchLabels'],
    matchExpressions: items(raw.matchExpressions) as unknown as LabelSelector['matchExpressions'],
  };
}

function toModelCidr(value: unknown): CiliumCidrRule {
  return { except: [], ...(record(value) as Partial<CiliumCidrRule>) };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

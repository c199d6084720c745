/** The live `Policy` model back as the manifest a person would apply; where the model keeps less than the API, that is said. */
import type {
  CiliumEgressRule,
  CiliumPolicy,
  CiliumPortRule,
  CiliumRule,
  NetworkPolicy,
  PatchablePolicy,
} from '../model/policy.ts';
import type { LabelSelector } from '../model/selector.ts';
import type { Json, JsonRecord } from './json.ts';

export interface Manifest {
  readonly manifest: JsonRecord;
  /** Parts of the live object that the model does not carry, in words; empty when the manifest is whole. */
  readonly omitted: readonly string[];
}

export const API_VERSIONS: Readonly<Record<PatchablePolicy['kind'], string>> = {
  NetworkPolicy: 'networking.k8s.io/v1',
  CiliumNetworkPolicy: 'cilium.io/v2',
  CiliumClusterwideNetworkPolicy: 'cilium.io/v2',
};

/** Paths in the manifest are the paths of the live object, index for index. */
export function toManifest(policy: PatchablePolicy): Manifest {
  const { namespace, name } = policy.meta;
  const head = {
    apiVersion: API_VERSIONS[policy.kind],
    kind: policy.kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  };
  return policy.kind === 'NetworkPolicy' ? fromNetworkPolicy(head, policy) : fromCilium(head, policy);
}

function fromNetworkPolicy(head: JsonRecord, policy: NetworkPolicy): Manifest {
  const spec = clean({
    podSelector: selector(policy.podSelector),
    policyTypes: policy.policyTypes,
    egress: policy.egress?.map((rule) => ({
      ...rule,
      ...(rule.to === undefined ? {} : { to: rule.to.map(peer) }),
    })),
  });
  const ingress = policy.policyTypes === undefined || policy.policyTypes.includes('Ingress');
  return { manifest: { ...head, spec }, omitted: ingress ? ['spec.ingress'] : [] };
}

function peer(value: NonNullable<NonNullable<NetworkPolicy['egress']>[number]['to']>[number]): unknown {
  const { ipBlock } = value;
  return {
    podSelector: value.podSelector && selector(value.podSelector),
    namespaceSelector: value.namespaceSelector && selector(value.namespaceSelector),
    ipBlock: ipBlock && { cidr: ipBlock.cidr, except: ipBlock.except.length > 0 ? ipBlock.except : undefined },
  };
}

function fromCilium(head: JsonRecord, policy: CiliumPolicy): Manifest {
  const specs = policy.rules.filter((entry) => entry.path !== 'spec').map((entry) => ciliumRule(entry.rule));
  const spec = policy.rules.find((entry) => entry.path === 'spec');
  const manifest = {
    ...head,
    ...(spec === undefined ? {} : { spec: ciliumRule(spec.rule) }),
    ...(specs.length === 0 ? {} : { specs }),
  };
  return { manifest, omitted: policy.rules.flatMap((entry) => ciliumOmitted(entry.path, entry.rule)) };
}

function ciliumRule(rule: CiliumRule): JsonRecord {
  return clean({
    endpointSelector: rule.endpointSelector && selector(rule.endpointSelector),
    nodeSelector: rule.nodeSelector && selector(rule.nodeSelector),
    enableDefaultDeny:
      rule.enableDefaultDenyEgress === undefined ? undefined : { egress: rule.enableDefaultDenyEgress },
    egress: rule.egress?.map(ciliumEgress),
    egressDeny: rule.egressDeny?.map(ciliumEgress),
  });
}

function ciliumEgress(rule: CiliumEgressRule): unknown {
  return {
    ...rule,
    toEndpoints: rule.toEndpoints?.map(selector),
    toNodes: rule.toNodes?.map(selector),
    toRequires: rule.toRequires?.map(selector),
    toCIDRSet: rule.toCIDRSet?.map((entry) => ({
      ...entry,
      cidrGroupSelector: entry.cidrGroupSelector && selector(entry.cidrGroupSelector),
      except: entry.except.length > 0 ? entry.except : undefined,
    })),
    toPorts: rule.toPorts?.map(portRule),
  };
}

function portRule(rule: CiliumPortRule): unknown {
  const { dns, http } = rule;
  return {
    ports: rule.ports,
    serverNames: rule.serverNames,
    rules: dns === undefined && http === undefined ? undefined : { dns, http },
  };
}

function ciliumOmitted(path: string, rule: CiliumRule): string[] {
  const portRules = [...(rule.egress ?? []), ...(rule.egressDeny ?? [])].flatMap((entry) => entry.toPorts ?? []);
  const l7 = [...new Set(portRules.flatMap((entry) => entry.otherL7 ?? []))];
  return [...(rule.hasIngress ? [`${path}.ingress`] : []), ...l7.map((name) => `${path} toPorts ${name}`)];
}

function selector(value: LabelSelector): unknown {
  const { matchLabels, matchExpressions } = value;
  return {
    matchLabels: Object.keys(matchLabels).length > 0 ? matchLabels : undefined,
    matchExpressions:
      matchExpressions.length > 0
        ? matchExpressions.map((entry) => ({ ...entry, values: entry.values.length > 0 ? entry.values : undefined }))
        : undefined,
  };
}

/** Drops undefined members at every depth; what is left is JSON. */
function clean(value: object): JsonRecord {
  const out: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) out[key] = cleanValue(member);
  }
  return out;
}

function cleanValue(value: unknown): Json {
  if (Array.isArray(value)) return value.map(cleanValue);
  return typeof value === 'object' && value !== null ? clean(value) : (value as Json);
}

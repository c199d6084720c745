/** CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy into the internal rules (policy-semantics §3); called by `registry.ts`. */
import type { ClusterState } from '../../../model/cluster-state.ts';
import type { ObjectRef } from '../../../model/object-meta.ts';
import type {
  CiliumEgressRule,
  CiliumPolicy,
  CiliumPortRule,
  CiliumRule,
  FqdnSelector,
} from '../../../model/policy.ts';
import type { EngineSettings } from '../../engine/settings.ts';
import { fqdnMatcher } from '../../fqdn/selector.ts';
import { NAMESPACE_KEY } from '../../identity/labels.ts';
import type { Requirements } from '../../rules/label-selector.ts';
import { ciliumRequirements, equals } from '../../rules/label-selector.ts';
import type { LayerKey } from '../../rules/layers.ts';
import { NORMAL, NORMAL_UNTIL_LAST } from '../../rules/layers.ts';
import { lazyRule, lazySection, once } from '../../rules/lazy.ts';
import type { DnsFilter, L7, PolicyRule, PolicySection, TranslatedPolicy } from '../../rules/rule.ts';
import { NO_L7 } from '../../rules/rule.ts';
import { indexOf } from '../../state/state-index.ts';
import type { PeerContext } from './peers.ts';
import { peerSetOf } from './peers.ts';
import { otherL7Of, portSetOf } from './ports.ts';
import { problemOf } from './validate.ts';

export function translateCilium(policy: CiliumPolicy, state: ClusterState): TranslatedPolicy {
  return new Translated(policy, state);
}

/** Like the rules: whether the object is sound is worked out for those that select a pod (`rules/lazy.ts` says why this is a class). */
class Translated implements TranslatedPolicy {
  readonly policy: CiliumPolicy;
  readonly ref: ObjectRef;
  readonly layer: LayerKey;
  readonly order = 0;
  readonly sections: readonly PolicySection[];
  readonly #settings: EngineSettings;
  #checked: { readonly reason: string | undefined } | undefined;

  constructor(policy: CiliumPolicy, state: ClusterState) {
    const { settings } = indexOf(state);
    const ref = refOf(policy);
    this.policy = policy;
    this.ref = ref;
    this.layer = settings.minor >= 20 ? NORMAL_UNTIL_LAST : NORMAL;
    this.sections = policy.rules.map(({ path, rule }) => sectionOf({ policy, ref, state }, path, rule));
    this.#settings = settings;
  }

  get invalidReason(): string | undefined {
    this.#checked ??= { reason: problemOf(this.policy, this.#settings) };
    return this.#checked.reason;
  }

  get valid(): boolean {
    return this.invalidReason === undefined;
  }

  get uncertain(): string | undefined {
    return uncertainty(this.policy, this.invalidReason, this.#settings);
  }

  /** Requirements of a deny rule narrow the toEndpoints of all deny rules around the pod (1.18 pkg/policy/rules.go, resolveL4EgressPolicy). */
  get unsettlesDenies(): boolean {
    const denies = this.policy.rules.flatMap(({ rule }) => rule.egressDeny ?? []);
    return this.#settings.minor < 19 && denies.some(({ toRequires = [] }) => toRequires.length > 0);
  }
}

function refOf(policy: CiliumPolicy): ObjectRef {
  const { namespace, name } = policy.meta;
  return { kind: policy.kind, ...(namespace && { namespace }), name };
}

/** A bad update leaves the previous version in force (§3.7); toRequires reaches into other policies' rules. */
function uncertainty(policy: CiliumPolicy, reason: string | undefined, settings: EngineSettings): string | undefined {
  if (reason !== undefined && (policy.meta.generation ?? 1) > 1)
    return 'it is invalid as stored, and the version before its last edit may still be in force';
  const requires = policy.rules.some(({ rule }) =>
    [...(rule.egress ?? []), ...(rule.egressDeny ?? [])].some((one) => one.toRequires?.length),
  );
  return requires && settings.minor < 19 ? 'it uses toRequires, which is not evaluated' : undefined;
}

interface Whole {
  readonly policy: CiliumPolicy;
  readonly ref: ObjectRef;
  readonly state: ClusterState;
}

function sectionOf(whole: Whole, path: string, rule: CiliumRule): PolicySection {
  const { settings } = indexOf(whole.state);
  const egress = rule.egress ?? [];
  const deny = rule.egressDeny ?? [];
  const defaultDeny = settings.nonDefaultDeny ? (rule.enableDefaultDenyEgress ?? true) : true;
  const head = {
    path,
    subject: subjectOf(whole.policy, rule, settings.minor),
    isolates: defaultDeny && egress.length + deny.length > 0,
  };
  return lazySection(head, () => [
    ...egress.flatMap((one, index) => rulesOf(one, { ...whole, path: `${path}.egress[${index}]`, effect: 'allow' })),
    ...deny.flatMap((one, index) => rulesOf(one, { ...whole, path: `${path}.egressDeny[${index}]`, effect: 'deny' })),
  ]);
}

/** A CNP always governs its own namespace, whatever its selector says about namespaces (§3.1). */
function subjectOf(policy: CiliumPolicy, rule: CiliumRule, minor: number): Requirements | undefined {
  if (!rule.endpointSelector) return undefined;
  if (policy.kind !== 'CiliumNetworkPolicy') return ciliumRequirements(rule.endpointSelector, minor);
  const { matchLabels, matchExpressions } = rule.endpointSelector;
  const others = Object.fromEntries(Object.entries(matchLabels).filter(([key]) => key !== `k8s:${NAMESPACE_KEY}`));
  const own = ciliumRequirements({ matchLabels: others, matchExpressions }, minor);
  return [...own, equals('k8s', NAMESPACE_KEY, policy.meta.namespace ?? 'default')];
}

interface Element extends Whole {
  readonly path: string;
  readonly effect: 'allow' | 'deny';
}

function rulesOf(rule: CiliumEgressRule, element: Element): PolicyRule[] {
  const { policy, ref, state, path, effect } = element;
  const namespace = policy.kind === 'CiliumNetworkPolicy' ? (policy.meta.namespace ?? 'default') : undefined;
  const context: PeerContext = { state, namespace, allow: effect === 'allow' };
  // Ports are compared first, and most rules are not for the port in question. All port lists of an element share its peers.
  const peers = once(() => peerSetOf(rule, path, context));
  const made = (own: Pick<PolicyRule, 'ports' | 'l7' | 'portsPath'>): PolicyRule =>
    lazyRule({ policy: ref, effect, path, ...own }, peers);
  // ICMP types are never asked for; a rule that lists them has no other port.
  if (rule.icmps?.length) return [made({ ports: 'none', l7: NO_L7 })];
  if (!rule.toPorts?.length) return [made({ ports: 'any', l7: NO_L7 })];
  const { minor } = indexOf(state).settings;
  return rule.toPorts.map((ports, index) => {
    const portsPath = `${path}.toPorts[${index}]`;
    const l7 = effect === 'allow' ? l7Of(ports, portsPath, minor) : NO_L7;
    return made({ portsPath, ports: portSetOf(ports, minor), l7 });
  });
}

function l7Of(rule: CiliumPortRule, path: string, minor: number): L7 {
  const dns = (rule.dns ?? []).flatMap((entry, index) =>
    partsOf(entry).map((selector): DnsFilter => {
      return { selector, matches: fqdnMatcher(selector, minor, 'dns'), path: `${path}.rules.dns[${index}]` };
    }),
  );
  const otherL7 = otherL7Of(rule, minor);
  return {
    // An empty list filters nothing (§2.2).
    ...(dns.length > 0 && { dns }),
    http: (rule.http?.length ?? 0) > 0,
    other: otherL7.length > 0,
    serverNames: rule.serverNames ?? [],
    ...parserOf(rule, otherL7),
  };
}

/** As createL4Filter (pkg/policy/l4.go) chooses it; the validation has seen to it that there is one kind of rules. */
function parserOf(
  { dns = [], http = [], serverNames = [] }: CiliumPortRule,
  otherL7: readonly string[],
): Pick<L7, 'parser'> {
  if (otherL7.includes('listener')) return { parser: 'crd' };
  if (dns.length > 0) return { parser: 'dns' };
  if (http.length > 0) return { parser: 'http' };
  if (otherL7.includes('kafka')) return { parser: 'kafka' };
  if (otherL7.includes('l7proto')) return { parser: 'proxylib' };
  return otherL7.length > 0 || serverNames.length > 0 ? { parser: 'tls' } : {};
}

/** An entry of rules.dns with both fields admits what either names (pkg/fqdn/dnsproxy, GeneratePattern). */
function partsOf({ matchName, matchPattern }: FqdnSelector): FqdnSelector[] {
  return matchName && matchPattern
    ? [{ matchName }, { matchPattern }]
    : [{ ...(matchName && { matchName }), ...(matchPattern && { matchPattern }) }];
}

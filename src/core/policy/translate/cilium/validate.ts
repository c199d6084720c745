/** Whether the agent takes a Cilium policy at all (policy-semantics §3.3, §3.6, §3.7); one bad spec voids the whole object. */
import type { CiliumCidrRule, CiliumEgressRule, CiliumPolicy, CiliumRule } from '../../../model/policy.ts';
import type { LabelSelector } from '../../../model/selector.ts';
import { cidrContains, parseCidr } from '../../../net/cidr.ts';
import { parseIp } from '../../../net/ip.ts';
import type { EngineSettings } from '../../engine/settings.ts';
import { firstProblemOf } from './first-problem.ts';
import { nameProblem } from './validate-names.ts';
import { portsProblem } from './validate-ports.ts';
import { keyReader, labelSelectorProblem } from './validate-selector.ts';

const PEER_FIELDS = [
  'toEndpoints',
  'toEntities',
  'toCIDR',
  'toCIDRSet',
  'toServices',
  'toGroups',
  'toNodes',
  'toFQDNs',
] as const;
const ENTITIES = new Set([
  'all',
  'world',
  'world-ipv4',
  'world-ipv6',
  'cluster',
  'host',
  'init',
  'ingress',
  'remote-node',
  'health',
  'unmanaged',
  'none',
  'kube-apiserver',
]);
/** pkg/policy/api: maxICMPFields. */
const MAX_ICMP_FIELDS = 40;

/** Why the agent enforces nothing of the policy; undefined when it is sound. */
export function problemOf(policy: CiliumPolicy, settings: EngineSettings): string | undefined {
  if (policy.rules.length === 0) return 'it has neither spec nor specs';
  for (const { path, rule } of policy.rules) {
    const reason = ruleProblem(policy, rule, settings);
    if (reason) return `${path}${reason.startsWith('.') ? '' : ': '}${reason}`;
  }
  const condition = policy.conditions.find((one) => one.type === 'Valid');
  if (condition?.status !== 'False') return undefined;
  return `its status condition Valid is False${condition.message ? `: ${condition.message.slice(0, 200)}` : ''}`;
}

function ruleProblem(policy: CiliumPolicy, rule: CiliumRule, settings: EngineSettings): string | undefined {
  const egress = rule.egress ?? [];
  const deny = rule.egressDeny ?? [];
  if (!rule.hasIngress && egress.length === 0 && deny.length === 0)
    return 'the rule has no ingress, ingressDeny, egress or egressDeny element';
  return (
    subjectProblem(policy, rule, settings) ??
    firstProblem(egress, 'egress', { settings, allow: true, onHost: rule.nodeSelector !== undefined }) ??
    firstProblem(deny, 'egressDeny', { settings, allow: false, onHost: rule.nodeSelector !== undefined })
  );
}

function subjectProblem(policy: CiliumPolicy, rule: CiliumRule, settings: EngineSettings): string | undefined {
  if (rule.endpointSelector && rule.nodeSelector) return 'it has both endpointSelector and nodeSelector';
  const selector = rule.endpointSelector ?? rule.nodeSelector;
  if (!selector) return 'it has neither endpointSelector nor nodeSelector';
  if (rule.nodeSelector && policy.kind === 'CiliumNetworkPolicy')
    return 'nodeSelector is only allowed in a clusterwide policy';
  return labelSelectorProblem(selector, keyReader(settings.minor));
}

/** What the check of one element depends on besides the element. */
interface Circumstances {
  readonly settings: EngineSettings;
  readonly allow: boolean;
  /** In a policy for nodes, whose traffic is not redirected to Envoy. */
  readonly onHost: boolean;
}

function firstProblem(
  rules: readonly CiliumEgressRule[],
  field: 'egress' | 'egressDeny',
  where: Circumstances,
): string | undefined {
  for (const [index, rule] of rules.entries()) {
    const reason = elementProblem(rule, where);
    if (reason) return `.${field}[${index}]: ${reason}`;
  }
  return undefined;
}

function elementProblem(rule: CiliumEgressRule, where: Circumstances): string | undefined {
  const { settings, allow } = where;
  return (
    mixedProblem(rule, allow) ??
    selectorsProblem(rule.toEndpoints, settings) ??
    selectorsProblem(rule.toNodes, settings) ??
    peerProblem(rule, settings) ??
    featureProblem(rule, settings) ??
    (allow ? firstProblemOf(rule.toFQDNs, (selector) => nameProblem(selector, settings)) : undefined) ??
    portsProblem(rule.toPorts, where)
  );
}

function mixedProblem(rule: CiliumEgressRule, allow: boolean): string | undefined {
  let first: string | undefined;
  for (const field of PEER_FIELDS) {
    if (!rule[field]?.length || (field === 'toFQDNs' && !allow)) continue;
    if (first !== undefined) return `combining ${first} and ${field} in one rule is not supported`;
    first = field;
  }
  return undefined;
}

function selectorsProblem(selectors: readonly LabelSelector[] | undefined, { minor }: EngineSettings) {
  return firstProblemOf(selectors, (selector) => labelSelectorProblem(selector, keyReader(minor)));
}

function peerProblem(rule: CiliumEgressRule, settings: EngineSettings): string | undefined {
  const entity = rule.toEntities?.find(
    (one) => !ENTITIES.has(one) && !(one === 'cluster-mesh' && settings.minor >= 20),
  );
  if (entity !== undefined) return `"${entity}" is not an entity`;
  const cidr = rule.toCIDR?.find((text) => !parseCidr(text) && !parseIp(text));
  if (cidr !== undefined) return `"${cidr}" is not a CIDR`;
  return firstProblemOf(rule.toCIDRSet, (set) => cidrRuleProblem(set, settings.minor));
}

function cidrRuleProblem(rule: CiliumCidrRule, minor: number): string | undefined {
  const given =
    Number(Boolean(rule.cidr)) + Number(Boolean(rule.cidrGroupRef)) + Number(Boolean(rule.cidrGroupSelector));
  if (given !== 1) return 'a toCIDRSet entry needs exactly one of cidr, cidrGroupRef and cidrGroupSelector';
  // Until 1.19 its keys become `cidrgroup.KEY` as they stand, so that one with a source is no key.
  const reader = minor >= 20 ? keyReader(minor) : (key: string) => `cidrgroup.${key}`;
  if (rule.cidrGroupSelector) return labelSelectorProblem(rule.cidrGroupSelector, reader);
  if (rule.cidr === undefined || rule.cidr === '') return undefined;
  const cidr = parseCidr(rule.cidr);
  if (!cidr) return `"${rule.cidr}" is not a CIDR`;
  const outside = rule.except.find((text) => {
    const inner = parseCidr(text);
    // Until 1.19 a wider exception was taken as long as it began inside (CIDRRule.sanitize).
    const wider = minor >= 20 && inner !== undefined && inner.prefix < cidr.prefix;
    return !inner || wider || !cidrContains(cidr, { family: inner.family, value: inner.network });
  });
  return outside === undefined ? undefined : `except "${outside}" does not lie in "${rule.cidr}"`;
}

function featureProblem(rule: CiliumEgressRule, settings: EngineSettings): string | undefined {
  const has = (list: readonly unknown[] | undefined) => list !== undefined && list.length > 0;
  if (has(rule.toNodes) && !settings.nodeSelectorLabels) return 'toNodes needs enable-node-selector-labels';
  if (has(rule.toRequires) && settings.minor >= 19) return 'toRequires is refused since Cilium 1.19';
  if (!has(rule.icmps)) return undefined;
  if (!settings.icmpRules) return 'icmps needs enable-icmp-rules';
  if (has(rule.toPorts)) return 'icmps and toPorts cannot be combined in one rule';
  return firstProblemOf(rule.icmps, icmpProblem);
}

/** pkg/policy/api, ICMPRule.verify. */
function icmpProblem(rule: unknown): string | undefined {
  const { fields } = (rule ?? {}) as { readonly fields?: unknown };
  const list = Array.isArray(fields) ? (fields as readonly { readonly family?: unknown }[]) : [];
  if (list.length > MAX_ICMP_FIELDS) return `more than ${MAX_ICMP_FIELDS} fields in one icmps entry`;
  const odd = list.find(({ family }) => !['IPv4', 'IPv6', '', undefined, null].includes(family as string));
  return odd && `"${String(odd.family)}" is not an address family`;
}

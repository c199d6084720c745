/** A policy that only Git has, as the cluster will have it once it is created; for `after-sync.ts` and `drift-cause.ts`. */
import { isList, isRecord, type Json, type JsonRecord } from '../drift/json.ts';
import type { ClusterState } from '../model/cluster-state.ts';
import type { PolicyDrift } from '../model/drift.ts';
import type { CiliumPolicy, CiliumRule, PatchablePolicy } from '../model/policy.ts';
import { toModelEgress, toModelPolicy, toModelSelector } from '../remedy/model-path.ts';

/** Undefined where the drift is none of that kind, or the document holds what cannot be turned into the model without loss. */
export function withCreated(state: ClusterState, drift: PolicyDrift): ClusterState | undefined {
  if (drift.kind !== 'only_git' || drift.forecast?.outcome !== 'created') return undefined;
  const normal = drift.git?.egress;
  const policy = isRecord(normal) ? policyOf(drift, normal) : undefined;
  return policy === undefined ? undefined : { ...state, policies: [...state.policies, policy] };
}

function policyOf({ policy }: PolicyDrift, normal: JsonRecord): PatchablePolicy | undefined {
  if (policy.kind === 'NetworkPolicy')
    return toModelPolicy({ policy, op: 'add', path: [], value: normal, why: 'as Git has it' });
  if (policy.kind !== 'CiliumNetworkPolicy' && policy.kind !== 'CiliumClusterwideNetworkPolicy') return undefined;
  const written: readonly [string, Json][] = [
    ...(normal.spec === undefined ? [] : [['spec', normal.spec] as [string, Json]]),
    ...listOf(normal.specs).map((spec, at): [string, Json] => [`specs[${at}]`, spec]),
  ];
  const rules: CiliumPolicy['rules'][number][] = [];
  for (const [path, spec] of written) {
    const rule = isRecord(spec) ? ruleOf(spec) : undefined;
    if (rule === undefined) return undefined;
    rules.push({ path, rule });
  }
  const meta = { ...policy, labels: {}, annotations: {}, owners: [], managers: [] };
  return { kind: policy.kind, meta, rules, conditions: [] };
}

const RULE = new Set(['endpointSelector', 'egress', 'egressDeny', 'enableDefaultDeny']);
const EGRESS = new Set(['toEndpoints', 'toEntities', 'toCIDR', 'toCIDRSet', 'toFQDNs', 'toPorts']);
const CIDR = new Set(['cidr', 'except']);
const PORTS = new Set(['ports', 'rules']);

function ruleOf(spec: JsonRecord): CiliumRule | undefined {
  const { endpointSelector, egress, egressDeny, enableDefaultDeny } = spec;
  if (endpointSelector === undefined || !isWithin(spec, RULE)) return undefined;
  if (![...listOf(egress), ...listOf(egressDeny)].every(isPlain)) return undefined;
  const deny = isRecord(enableDefaultDeny) ? enableDefaultDeny.egress : undefined;
  return {
    endpointSelector: toModelSelector(endpointSelector),
    ...(egress === undefined ? {} : { egress: listOf(egress).map(toModelEgress) }),
    ...(egressDeny === undefined ? {} : { egressDeny: listOf(egressDeny).map(toModelEgress) }),
    ...(typeof deny === 'boolean' ? { enableDefaultDeny: { egress: deny } } : {}),
    hasIngress: false,
  };
}

function isPlain(rule: Json): boolean {
  if (!isWithin(rule, EGRESS)) return false;
  const { toPorts, toCIDRSet } = rule;
  const ports = listOf(toPorts).every(
    (one) => isWithin(one, PORTS) && (one.rules === undefined || isWithin(one.rules, new Set(['dns']))),
  );
  return ports && listOf(toCIDRSet).every((one) => isWithin(one, CIDR));
}

function isWithin(value: Json, keys: ReadonlySet<string>): value is JsonRecord {
  return isRecord(value) && Object.keys(value).every((key) => keys.has(key));
}

const listOf = (value: Json | undefined): readonly Json[] => (isList(value) ? value : []);

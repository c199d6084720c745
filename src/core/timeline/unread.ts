/** What could not be read and may hold a rule for the pod, or a write of one; for `rules.ts`. */
import type { ClusterState, NotRead } from '../model/cluster-state.ts';
import type { Policy } from '../model/policy.ts';
import type { Pod } from '../model/workload.ts';
import { enforcementOf } from '../policy/engine/enforcement.ts';
import { gapFor } from '../policy/state/gaps.ts';
import { KINDS } from '../policy/translate/registry.ts';

/** One gap a kind; empty where all that decides here was read. */
export function unreadRules(state: ClusterState, { meta }: Pod): readonly NotRead[] {
  const namespace = meta.namespace ?? 'default';
  const enforced = (kind: Policy['kind']): boolean => enforcementOf(kind, state).enforced !== 'no';
  const all = Object.keys(KINDS) as Policy['kind'][];
  const evaluated = all.filter(enforced).map((kind) => KINDS[kind].resource);
  const known = new Set(all.map((kind) => KINDS[kind].resource));
  const others = state.notRead
    .map(
      ({ what }) =>
        what
          .trim()
          .toLowerCase()
          .split(/[\s./:]/)[0] ?? '',
    )
    .filter((word) => !known.has(word) && !NO_RULES.has(word))
    .filter((word) => REFERRED.every(([words, kind]) => !words.test(word) || enforced(kind)));
  const words = [...new Set([...evaluated, ...others])];
  const gaps = words.flatMap((word) => gapFor(state, word, namespace) ?? []);
  return [...new Set(gaps)];
}

/** Whatever else is read is read because it may decide (`cluster/resources.ts`). */
const NO_RULES: ReadonlySet<string> = new Set([
  'pods',
  'nodes',
  'services',
  'endpointslices',
  'daemonsets',
  'configmaps',
  'serviceaccounts',
  'namespaces',
]);

/** They matter where the policies are enforced that refer to them. */
const REFERRED: readonly (readonly [RegExp, Policy['kind']])[] = [
  [/^ciliumcidrgroups$/, 'CiliumNetworkPolicy'],
  [/^(?:tiers|networksets|globalnetworksets|hostendpoints)$/, 'NetworkPolicy.projectcalico.org'],
  [/^antrea-(?:tiers|groups|clustergroups)$/, 'NetworkPolicy.crd.antrea.io'],
  [/^nodeclasses$/, 'ApplicationNetworkPolicy'],
];

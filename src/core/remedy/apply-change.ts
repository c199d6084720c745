/** Applies a structural policy change to the model, so that it can be proved by re-evaluation; pure, the state is copied. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { PolicyChange } from '../model/evaluation.ts';
import type { CiliumPolicy, CiliumRule, NetworkPolicy, PatchablePolicy, Policy } from '../model/policy.ts';
import { isPatchable } from '../model/policy.ts';
import { toModelNetworkValue, toModelPath, toModelPolicy } from './model-path.ts';

/** A state in which the change is made; the same state when the policy is not in it or the path leads nowhere. */
export function applyChange(state: ClusterState, change: PolicyChange): ClusterState {
  if (change.path.length === 0) return { ...state, policies: [...state.policies, toModelPolicy(change)] };
  const policies = state.policies.map((policy) =>
    isPatchable(policy) && isMeant(policy, change) ? changed(policy, change) : policy,
  );
  return { ...state, policies };
}

export function applyChanges(state: ClusterState, changes: readonly PolicyChange[]): ClusterState {
  return changes.reduce(applyChange, state);
}

function isMeant(policy: Policy, { policy: ref }: PolicyChange): boolean {
  const sameSpace =
    policy.kind === 'CiliumClusterwideNetworkPolicy' ||
    (policy.meta.namespace ?? 'default') === (ref.namespace ?? 'default');
  return policy.kind === ref.kind && policy.meta.name === ref.name && sameSpace;
}

function changed(policy: PatchablePolicy, change: PolicyChange): Policy {
  return policy.kind === 'NetworkPolicy' ? changedNetwork(policy, change) : changedCilium(policy, change);
}

function changedNetwork(policy: NetworkPolicy, change: PolicyChange): Policy {
  const path = change.path.slice(1);
  return edit(policy, path, { op: change.op, value: toModelNetworkValue(path, change.value) }) as NetworkPolicy;
}

/** `spec` is one rule of the model, `specs[n]` another. */
function changedCilium(policy: CiliumPolicy, change: PolicyChange): Policy {
  const [root, index] = change.path;
  const key = root === 'specs' ? `specs[${index}]` : 'spec';
  const rest = change.path.slice(root === 'specs' ? 2 : 1);
  const { path, value } = toModelPath(rest, change.value);
  const rules = policy.rules.map((one) =>
    one.path === key ? { ...one, rule: edit(one.rule, path, { op: change.op, value }) as CiliumRule } : one,
  );
  return { ...policy, rules };
}

interface Edit {
  readonly op: PolicyChange['op'];
  readonly value: unknown;
}

/** RFC 6902 on immutable values: `-` appends, missing objects on the way are made. */
function edit(target: unknown, path: readonly (string | number)[], change: Edit): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change.value;
  if (Array.isArray(target) || key === '-' || typeof key === 'number')
    return editList(Array.isArray(target) ? target : [], key, { rest, change });
  const object: Record<string, unknown> = typeof target === 'object' && target !== null ? { ...target } : {};
  if (rest.length === 0 && change.op === 'remove') delete object[key];
  else object[key] = edit(object[key], rest, change);
  return object;
}

function editList(
  list: readonly unknown[],
  key: string | number,
  step: { rest: readonly (string | number)[]; change: Edit },
): unknown {
  const { rest, change } = step;
  const index = key === '-' ? list.length : Number(key);
  if (rest.length > 0) return list.map((item, at) => (at === index ? edit(item, rest, change) : item));
  const removed = change.op === 'add' ? 0 : 1;
  return list.toSpliced(index, removed, ...(change.op === 'remove' ? [] : [change.value]));
}

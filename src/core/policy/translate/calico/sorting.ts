/** What decides among Calico policies of the same tier and order; asked by the translators of the kinds that live in tiers. */
import type { CalicoPolicy } from '../../../model/policies/calico.ts';

/** felix/calc/policy_sorter.go PolKVLess: name, namespace, kind from 3.32 on; before that the key itself, namespace and tier first. */
export function policyKey(policy: CalicoPolicy, version: string | undefined): string {
  const { namespace, name } = policy.meta;
  const short = name.startsWith(`${policy.tier}.`) ? name.slice(policy.tier.length + 1) : name;
  const kind = policy.kind.split('.')[0] ?? '';
  if (from332(version)) return `${policy.tier === 'default' ? short : name}/${namespace ?? ''}/${kind}`;
  return `${namespace === undefined ? '' : `${namespace}/`}${policy.tier}.${short}`;
}

/** The same for a Kubernetes NetworkPolicy, which Calico keeps beside its own. */
export function networkPolicyKey(namespace: string, name: string, version: string | undefined): string {
  return from332(version) ? `${name}/${namespace}/KubernetesNetworkPolicy` : `${namespace}/knp.default.${name}`;
}

/** What changed with 3.32, e.g. by projectcalico/calico#11232; an unknown version is taken for a new one. */
export function from332(version: string | undefined): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return major === undefined || Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 32);
}

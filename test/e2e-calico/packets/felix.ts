/** Felix on the callers' node: whether it has really put a set into force, and the node's rules when packets disagree. */
import * as k8s from '@kubernetes/client-node';
import { eventually, execIn, type TestCluster } from '../../e2e/support/cluster.ts';

export interface Felix {
  /** The node's rules as iptables lists them. */
  rules(): Promise<string>;
  /** The same with the members of the sets of addresses that they name. */
  everything(): Promise<string>;
}

export async function openFelix(cluster: TestCluster): Promise<Felix> {
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  const { items } = await core.listNamespacedPod({ namespace: 'calico-system', labelSelector: 'k8s-app=calico-node' });
  const name = items[0]?.metadata?.name;
  if (name === undefined) throw new Error('no calico-node');
  const pod = { namespace: 'calico-system', name, container: 'calico-node' };
  const rules = async (): Promise<string> => (await execIn(cluster, pod, ['iptables-save', '-t', 'filter'])).stdout;
  return {
    rules,
    everything: async () => `${await rules()}\n${(await execIn(cluster, pod, ['ipset', 'list'])).stdout}`,
  };
}

interface Marks {
  readonly present: Iterable<string>;
  readonly absent: Iterable<string>;
}

/** Felix puts all that it knows into force at once, so a policy's mark comes with the sets and the endpoint's chains. */
export async function realised(felix: Felix, { present, absent }: Marks): Promise<void> {
  await eventually('Felix has put the policies into force', 30_000, async () => {
    const rules = await felix.rules();
    const has = (mark: string): boolean => rules.includes(`${mark}/32`);
    const lacking = [...present].filter((mark) => !has(mark));
    if (lacking.length > 0) throw new Error(`the marks ${lacking.join(', ')} are missing: valid?`);
    const kept = [...absent].filter(has);
    if (kept.length > 0) throw new Error(`the marks ${kept.join(', ')} are still there`);
    return true;
  });
}

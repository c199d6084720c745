/** The Cilium agent of the callers' node: whether it has really put a set into force, and what it knows when packets disagree. */
import * as k8s from '@kubernetes/client-node';
import { eventually, execIn, type TestCluster } from '../support/cluster.ts';
import { type Lane, namesOf } from './lanes.ts';

export interface Agent {
  /** Standard output of the command in the agent's container. */
  run(argv: readonly string[]): Promise<string>;
}

export async function openAgent(cluster: TestCluster, lane: Lane): Promise<Agent> {
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  const caller = await core.readNamespacedPod({ namespace: lane.namespace, name: 'caller' });
  const agents = await core.listNamespacedPod({ namespace: 'kube-system', labelSelector: 'k8s-app=cilium' });
  const name = agents.items.find((one) => one.spec?.nodeName === caller.spec?.nodeName)?.metadata?.name;
  if (name === undefined) throw new Error("no Cilium agent on the callers' node");
  const pod = { namespace: 'kube-system', name, container: 'cilium-agent' };
  return {
    run: async (argv) => {
      const ran = await execIn(cluster, pod, [...argv]);
      if (ran.code !== 0) throw new Error(`${argv.join(' ')} ended with ${ran.code}: ${ran.stderr || ran.stdout}`);
      return ran.stdout;
    },
  };
}

const json = async <T>(agent: Agent, ...argv: string[]): Promise<T> =>
  JSON.parse(await agent.run(['cilium-dbg', ...argv, '-o', 'json'])) as T;

/** Policies by UID, which is among the labels of the agent's rules. */
type Policies = ReadonlyMap<string, string>;

/**
 * Waits until the agent holds all of the `present` policies and none of the `absent` ones, and until the caller's endpoint
 * enforces that revision of the agent's rules.
 */
export async function realised(
  agent: Agent,
  lane: Lane,
  { present, absent }: { readonly present: Policies; readonly absent: Policies },
): Promise<void> {
  const revision = await eventually(`the agent holds the policies of ${lane.namespace}`, 30_000, async () => {
    const held = await json<{ policy: string; revision: number }>(agent, 'policy', 'get');
    const lacking = namesWhere(present, (uid) => !held.policy.includes(uid));
    if (lacking.length > 0) throw new Error(`it has not taken ${lacking.join(', ')}: valid?`);
    const kept = namesWhere(absent, (uid) => held.policy.includes(uid));
    if (kept.length > 0) throw new Error(`it still holds ${kept.join(', ')}`);
    return held.revision;
  });
  await eventually(`the caller of ${lane.namespace} is at revision ${revision}`, 30_000, async () => {
    const { status } = await endpoint(agent, lane);
    return status.state === 'ready' && status.policy.realized['policy-revision'] >= revision ? true : undefined;
  });
}

function namesWhere(policies: Policies, holds: (uid: string) => boolean): string[] {
  return [...policies].filter(([uid]) => holds(uid)).map(([, name]) => name);
}

interface Endpoint {
  readonly id: number;
  readonly status: {
    readonly state: string;
    readonly policy: { readonly realized: { readonly 'policy-revision': number } };
  };
}

async function endpoint(agent: Agent, lane: Lane): Promise<Endpoint> {
  const [found] = await json<Endpoint[]>(agent, 'endpoint', 'get', `cep-name:${lane.namespace}/caller`);
  if (!found) throw new Error(`the agent has no endpoint for the caller of ${lane.namespace}`);
  return found;
}

/**
 * Makes the node forget what it has learned of the lane's names (or of all names), and makes sure that it has: pods of an earlier
 * suite that are still ending keep names by their connections, and learn them anew. The patterns end in a dot because this command,
 * unlike a policy, compares them with the name's absolute form.
 */
export async function forget(agent: Agent, lane?: Lane): Promise<void> {
  await eventually('the node has forgotten the names', 60_000, async () => {
    await forgetOnce(agent, lane);
    return true;
  });
}

async function forgetOnce(agent: Agent, lane?: Lane): Promise<void> {
  const patterns = lane ? [`*-${lane.letter}.*.`, `*-${lane.letter}.*.*.`] : ['*'];
  for (const pattern of patterns) await agent.run(['cilium-dbg', 'fqdn', 'cache', 'clean', '-f', '-p', pattern]);
  const left = await json<{ fqdn: string }[]>(agent, 'fqdn', 'cache', 'list');
  const names = left.map(({ fqdn }) => fqdn.replace(/\.$/, ''));
  const known = lane ? names.filter((name) => namesOf(lane).includes(name)) : names;
  if (known.length > 0) throw new Error(`the node still knows ${known.join(', ')}`);
}

/** What decides a dispute: the endpoint's entries in the kernel, the learned names, and the last packets. */
export async function evidence(agent: Agent, lane: Lane): Promise<string> {
  const { id } = await endpoint(agent, lane);
  const commands = [
    ['cilium-dbg', 'bpf', 'policy', 'get', String(id)],
    ['cilium-dbg', 'fqdn', 'cache', 'list'],
    ['cilium-dbg', 'policy', 'selectors'],
    ['hubble', 'observe', '--from-pod', `${lane.namespace}/caller`, '--last', '60'],
  ];
  const texts = await Promise.all(
    commands.map(
      async (argv) => `$ ${argv.join(' ')}\n${await agent.run(argv).catch((error: unknown) => String(error))}`,
    ),
  );
  return texts.join('\n');
}

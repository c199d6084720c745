/** What EKS tells about policies being enforced: the controller's ConfigMap, the agent's arguments, Auto Mode's nodes; read for `engine-config.ts`. */
import { AUTO_MODE, ENFORCING_MODE, NODE_AGENT } from '../core/model/aws-settings.ts';
import type { EngineFacts } from '../core/model/cluster-state.ts';
import type { Node } from '../core/model/workload.ts';
import type { DaemonSet } from './decode/engine-objects.ts';
import { configMapSchema } from './decode/engine-objects.ts';
import type { Configured } from './engine-config.ts';
import type { Gatherer } from './gather.ts';
import { CONFIG_MAPS } from './resources.ts';

const CONFIG_MAP = { namespace: 'kube-system', name: 'amazon-vpc-cni' };
const CONTROLLER = 'enable-network-policy-controller';

export interface AwsSources {
  readonly daemonSets: readonly DaemonSet[];
  readonly nodes: readonly Node[];
  /** The subject's. */
  readonly nodeName: string | undefined;
}

/** Nodes that EKS runs itself, with their agent inside (docs.aws.amazon.com/eks automode: no add-on shows it). */
export function isAutoMode({ meta }: Node): boolean {
  return meta.labels['eks.amazonaws.com/compute-type'] === 'auto';
}

/** Adds the switches to what was recognised. */
export async function withAwsSettings(gather: Gatherer, engine: EngineFacts, sources: AwsSources): Promise<Configured> {
  const { values, notRead } = await gather.one(CONFIG_MAPS, configMapSchema, CONFIG_MAP);
  // Without the ConfigMap, and without the key, the controller is off.
  const missing = notRead.some(({ code }) => code === 'not_found');
  const [found] = values;
  const data = found?.data ?? (missing ? {} : undefined);
  const controller = data && { ...data, [CONTROLLER]: (data[CONTROLLER] ?? 'false').toLowerCase() };
  return {
    engine: { ...engine, config: { ...controller, ...agentSettings(sources), ...nodeSettings(sources) } },
    notRead: notRead.filter(({ code }) => code !== 'not_found'),
    ...(found && { written: found.meta }),
  };
}

/** Nothing where the DaemonSet was not read, or was recorded without its arguments. */
function agentSettings({ daemonSets }: AwsSources): Record<string, string> {
  const set = daemonSets.find(({ labels }) => labels['k8s-app'] === 'aws-node');
  if (!set?.containers) return {};
  const agent = set.containers.find(({ name }) => name === 'aws-eks-nodeagent');
  const mode = set.containers.flatMap(({ env }) => env[MODE] ?? [])[0];
  return {
    ...(agent?.args !== undefined && { [NODE_AGENT]: flagOf(agent.args) }),
    ...(!agent && { [NODE_AGENT]: 'absent' }),
    ...(mode !== undefined && { [ENFORCING_MODE]: mode.toLowerCase() }),
  };
}

const MODE = 'NETWORK_POLICY_ENFORCING_MODE';
const FLAG = /^--enable-network-policy(?:=(.*))?$/;

/** A flag alone is true; without it, false (aws-network-policy-agent pkg/config/runtime_config.go). */
function flagOf(args: readonly string[]): 'true' | 'false' {
  const given = args.map((arg) => FLAG.exec(arg)).find((match) => match !== null);
  return given && (given[1] ?? 'true') === 'true' ? 'true' : 'false';
}

function nodeSettings({ nodes, nodeName }: AwsSources): Record<string, string> {
  const node = nodes.find(({ meta }) => meta.name === nodeName);
  const auto = node ? isAutoMode(node) : nodes.length > 0 && nodes.every(isAutoMode);
  return auto ? { [AUTO_MODE]: 'true' } : {};
}

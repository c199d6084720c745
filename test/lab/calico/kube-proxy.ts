// kube-proxy, which makes the addresses of Services work in the cluster with Calico. (Cilium does that by itself.)
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubeconfigs } from '../cluster/access.ts';
import { start } from '../cluster/processes.ts';
import { paths } from '../paths.ts';
import { plan } from '../plan.ts';
import type { CalicoPrograms } from '../toolchain/programs.ts';

const config = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  clientConnection: { kubeconfig: kubeconfigs.proxy },
  clusterCIDR: plan.podCidr,
  hostnameOverride: plan.nodeName,
  mode: 'iptables',
  // The size of the connection table is the machine's to set.
  conntrack: { maxPerCore: 0 },
  iptables: { minSyncPeriod: '0s' },
};

export async function startKubeProxy(programs: CalicoPrograms): Promise<void> {
  const file = join(paths.config, 'kube-proxy.json');
  await writeFile(file, JSON.stringify(config, null, 2));
  const command = [join(programs.calico, 'kube-proxy'), `--config=${file}`];
  await start({ name: 'kube-proxy', place: 'node', command });
}

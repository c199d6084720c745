// The kubelet of the lab's only node.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from '../paths.ts';
import { plan } from '../plan.ts';
import type { Programs } from '../toolchain/programs.ts';
import { clusterAuthority, kubeconfigs } from './access.ts';
import { containerdSocket } from './containerd.ts';
import { publicResolvConf } from './control-plane.ts';
import { start } from './processes.ts';

function config(): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${clusterAuthority}.pem` },
    },
    authorization: { mode: 'Webhook' },
    clusterDomain: plan.clusterDomain,
    clusterDNS: [plan.dnsService],
    resolvConf: publicResolvConf,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${plan.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0, // a lower one needs CAP_SYS_RESOURCE
    // The images cannot be pulled again, so none may be removed for space.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  };
}

export async function startKubelet(programs: Programs): Promise<void> {
  const file = join(paths.config, 'kubelet.json');
  await writeFile(file, JSON.stringify(config(), null, 2));
  const flags = [
    `--config=${file}`,
    `--kubeconfig=${kubeconfigs.kubelet}`,
    `--hostname-override=${plan.nodeName}`,
    `--node-ip=${plan.nodeAddress}`,
  ];
  await start({ name: 'kubelet', place: 'node', command: [join(programs.kubernetes, 'kubelet'), ...flags] });
}

/** Whether a pod runs on Windows, where neither the probe's programs nor the network's usual policy engine run; asked by `diagnose/steps` and `environment.ts`. */
import type { NotRead } from '../model/cluster-state.ts';
import type { Node, Pod } from '../model/workload.ts';

/** The kubelet sets it on every node (kubernetes.io, reference/labels-annotations-taints). */
const NODE_OS = 'kubernetes.io/os';

export function osOf(pod: Pod, node?: Node): string | undefined {
  return (pod.os ?? node?.meta.labels[NODE_OS])?.toLowerCase();
}

/**
 * Cilium's datapath is eBPF in the Linux kernel (docs.cilium.io, system requirements); on Windows nodes policies are those of
 * another engine, such as Calico's or Antrea's through the Host Networking Service.
 */
export const WINDOWS_POLICIES =
  'the pod runs on a Windows node: its policies are enforced there by another engine than on Linux nodes (Cilium has none for Windows), so the verdict of the rules may not hold for it';

export function windowsGap({ meta }: Pod): NotRead {
  const { namespace = 'default', name } = meta;
  return {
    what: `probe from inside pod ${namespace}/${name}`,
    code: 'unsupported',
    reason: `the probe's programs are for Linux, and ${WINDOWS_POLICIES}`,
    nextStep: `Try it by hand: kubectl exec -n ${namespace} ${name} -- powershell -Command "Test-NetConnection HOST -Port PORT"; and look at the policies of the engine that serves Windows nodes here.`,
  };
}

// What `up` needs of an engine once all is built: with-cilium.ts and calico/with-calico.ts make it.
import type { CniPlugins } from './cluster/containerd.ts';
import type { Programs } from './toolchain/programs.ts';

export interface Built {
  /** For progress lines. */
  readonly title: string;
  readonly programs: Programs;
  /** Archives of the images that the cluster's own pods need, and of those for tests. */
  readonly system: readonly string[];
  readonly workloads: readonly string[];
  readonly cniPlugins: CniPlugins;
  /** Brings the engine and the cluster's other parts into a cluster whose kubelet has just been started. */
  start(): Promise<void>;
  waitUntilReady(): Promise<void>;
}

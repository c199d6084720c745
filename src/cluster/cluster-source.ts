/** The `ClusterSource` port over any `ObjectReader`: live cluster and archive answer through the same code. */
import type { ClusterSource } from '../ports/cluster-source.ts';
import { findPod, findPods } from './find-pod.ts';
import type { ObjectReader } from './object-reader.ts';
import { readHistory } from './read-history.ts';
import { readState } from './read-state.ts';
import { readSync } from './read-sync.ts';

export function createClusterSource(reader: ObjectReader): ClusterSource {
  return {
    identify: () => reader.identify(),
    findPod: (ref, signal) => findPod(reader, ref, signal),
    findPods: (ref, signal) => findPods(reader, ref, signal),
    readState: (pod, signal) => readState(reader, pod, signal),
    readHistory: (pod, signal) => readHistory(reader, pod, signal),
    readSync: (now, signal) => readSync(reader, now, signal),
  };
}

/** The versions of Cilium that the oracle can be built from; see cilium/ for their modules. */

/** The lab's, whose module is cilium/go.mod. */
export const CILIUM_VERSION = '1.19.5';

/** Each has `cilium/cilium-VERSION.mod` and `.sum`, and its build tag chooses among the files `cilium/version_*.go`. */
export const OTHER_VERSIONS = ['1.18.4', '1.20.2'] as const;

/** `1.19.5` → 19. */
export function minorIn(version: string): number {
  return Number(version.split('.')[1]);
}

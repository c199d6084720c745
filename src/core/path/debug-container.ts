/** Ephemeral containers in words: how ours are named, and the `kubectl debug` command that adds one by hand; asked by `diagnose/steps` and `probes`. */
import type { PodRef } from '../model/probe.ts';

/** With a shell, `sleep`, and programs that look names up and connect. The image of `--ephemeral-image` where none is named. */
export const DEBUG_IMAGE = 'busybox:1.37';

/** Names of ephemeral containers that this program adds begin so: by it they are found again, and people see whose they are. */
export const OWN_PREFIX = 'egress-diagnose-';

/**
 * An ephemeral container shares the pod's network, so the pod's policies hold for it. `program` is a shell command in which hosts have passed
 * the grammar of `core/net/host.ts`.
 */
export function debugCommand({ namespace, name }: PodRef, image = DEBUG_IMAGE, program = 'sh'): string {
  return `kubectl debug -it -n ${namespace} ${name} --image=${image} -- ${program}`;
}

/** Looks the name up and opens the connection, with what BusyBox has. */
export function tryByHand({ host, port }: { readonly host: string; readonly port: number }): string {
  return `sh -c 'nslookup ${host}; nc -w 3 ${host} ${port} -e true; echo "exit $?"'`;
}

/** What whoever says yes to an ephemeral container has to know. */
export const NOT_REMOVABLE =
  'an ephemeral container cannot be removed: it stays listed in the pod until the pod is replaced';

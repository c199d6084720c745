/** The commands run in the Cilium agent; nothing else ever is. Arguments are grammar-checked names and numbers. */
import type { FlowRequest, FlowVerdict } from '../core/model/flow.ts';
import type { PodRef } from '../core/model/probe.ts';
import { parseK8sName } from '../core/net/host.ts';

const VERDICT_NAMES: Readonly<Record<FlowVerdict, readonly string[]>> = {
  forwarded: ['FORWARDED'],
  dropped: ['DROPPED'],
  redirected: ['REDIRECTED'],
  audit: ['AUDIT'],
  error: ['ERROR'],
  other: ['TRACED', 'TRANSLATED'],
};
const MAX_FLOWS = 2000;

/** How long a follower may live when nobody is left to end it. */
const FOLLOW_SECONDS = 300;

/**
 * The end of an exec session does not end the program in the container (tried with containerd: it stays until it next writes). So
 * the program is ended when its standard input is, which is when the caller is gone, and in any case after a while. The text is
 * fixed; values come as arguments. Needs sh and timeout, which Cilium's agent image has.
 */
const UNTIL_STDIN_ENDS = `exec 3<&0; timeout ${FOLLOW_SECONDS} "$@" & p=$!; (cat; kill $p) <&3 >/dev/null 2>&1 & wait $p`;

function podArgument(pod: PodRef): string {
  return `${parseK8sName(pod.namespace, 'namespace')}/${parseK8sName(pod.name, 'pod name')}`;
}

/** Drops are two events each, so twice as many are asked for as are wanted. */
export function observeCommand({ pod, sinceSeconds, limit, verdicts }: FlowRequest): readonly string[] {
  const last = Math.min(MAX_FLOWS, Math.max(1, Math.trunc(limit) * 2));
  const since = `${Math.max(1, Math.ceil(sinceSeconds))}s`;
  const wanted = verdicts.flatMap((verdict) => VERDICT_NAMES[verdict]).flatMap((name) => ['--verdict', name]);
  return [
    'hubble',
    'observe',
    '--pod',
    podArgument(pod),
    '-o',
    'json',
    '--since',
    since,
    '--last',
    String(last),
    ...wanted,
  ];
}

/** `--since` hands in what is dropped between the session's opening and Hubble's first answer. */
export function followCommand({ pod }: Pick<FlowRequest, 'pod'>): readonly string[] {
  const observe = ['hubble', 'observe', '--follow', '--since', '1s', '--pod', podArgument(pod), '-o', 'json'];
  return ['sh', '-c', UNTIL_STDIN_ENDS, 'follow', ...observe, '--verdict', 'DROPPED'];
}

export const FQDN_CACHE_COMMAND: readonly string[] = ['cilium-dbg', 'fqdn', 'cache', 'list', '-o', 'json'];
/** Its name before Cilium 1.15. */
export const OLD_FQDN_CACHE_COMMAND: readonly string[] = ['cilium', 'fqdn', 'cache', 'list', '-o', 'json'];

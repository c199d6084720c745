/** The commands run in the Cilium agent; nothing else ever is. Arguments are grammar-checked names and numbers. */
import type { FlowRequest, FlowVerdict } from '../core/model/flow.ts';
import type { PodRef } from '../core/model/probe.ts';
import { parseK8sName } from '../core/net/host.ts';
import { eventLimit } from './flow-reader.ts';

export const VERDICT_NAMES: Readonly<Record<FlowVerdict, readonly string[]>> = {
  forwarded: ['FORWARDED'],
  dropped: ['DROPPED'],
  redirected: ['REDIRECTED'],
  audit: ['AUDIT'],
  error: ['ERROR'],
  other: ['TRACED', 'TRANSLATED'],
};

/** How long a follower may live when nobody is left to end it. */
const FOLLOW_SECONDS = 300;

/**
 * The end of an exec session does not end the program in the container (tried with containerd: it stays until it next writes). So
 * the program is ended when its standard input is, which is when the caller is gone, and in any case after a while. The text is
 * fixed; values come as arguments. Needs sh and timeout, which Cilium's agent image has.
 */
const UNTIL_STDIN_ENDS = `exec 3<&0; timeout ${FOLLOW_SECONDS} "$@" & p=$!; (cat; kill $p) <&3 >/dev/null 2>&1 & wait $p`;

export function podArgument(pod: PodRef): string {
  return `${parseK8sName(pod.namespace, 'namespace')}/${parseK8sName(pod.name, 'pod name')}`;
}

/** `newest`: the last events whenever they were, in place of those of the window. */
export function observeCommand(request: FlowRequest, newest = false): readonly string[] {
  const { pod, sinceSeconds, untilSeconds, verdicts } = request;
  const wanted = verdicts.flatMap((verdict) => VERDICT_NAMES[verdict]).flatMap((name) => ['--verdict', name]);
  const since = ['--since', ago(sinceSeconds), ...(untilSeconds === undefined ? [] : ['--until', ago(untilSeconds)])];
  const last = ['--last', String(eventLimit(request))];
  return ['hubble', 'observe', '--pod', podArgument(pod), '-o', 'json', ...(newest ? [] : since), ...last, ...wanted];
}

/** Relative, so that only the node's clock counts. */
function ago(seconds: number): string {
  return `${Math.max(1, Math.ceil(seconds))}s`;
}

/** The node's clock, then the oldest event that Hubble still has. */
export const BUFFER_COMMAND: readonly string[] = ['sh', '-c', 'date +%s; exec hubble observe --first 1 -o json'];

/** Argv of a program that is to end with its standard input. */
export function untilStdinEnds(program: readonly string[]): readonly string[] {
  return ['sh', '-c', UNTIL_STDIN_ENDS, 'follow', ...program];
}

/** `--since` hands in what is dropped between the session's opening and Hubble's first answer. */
export function followCommand({ pod }: Pick<FlowRequest, 'pod'>): readonly string[] {
  const observe = ['hubble', 'observe', '--follow', '--since', '1s', '--pod', podArgument(pod), '-o', 'json'];
  return untilStdinEnds([...observe, '--verdict', 'DROPPED']);
}

export const FQDN_CACHE_COMMAND: readonly string[] = ['cilium-dbg', 'fqdn', 'cache', 'list', '-o', 'json'];
/** Its name before Cilium 1.15. */
export const OLD_FQDN_CACHE_COMMAND: readonly string[] = ['cilium', 'fqdn', 'cache', 'list', '-o', 'json'];

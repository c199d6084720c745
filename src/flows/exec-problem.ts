/** Says in words why a command in the agent gave nothing, and what would help; used by `agent-source.ts`. */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { PodRef } from '../core/model/probe.ts';
import { clean } from '../core/text/clean.ts';
import type { ExecResult } from '../kube/connection.ts';

interface Known {
  readonly text: RegExp;
  readonly code: NotRead['code'];
  readonly reason: string;
  readonly nextStep: string;
}

const KNOWN: readonly Known[] = [
  {
    text: /executable file not found|command not found|: not found|no such file or directory: unknown/i,
    code: 'unsupported',
    reason: 'the agent’s image does not have the program',
    nextStep: 'Use Cilium’s own agent image (it has hubble and cilium-dbg).',
  },
  {
    text: /hubble\.sock|failed to connect|connection refused|hubble (?:is )?disabled|Unimplemented/i,
    code: 'unsupported',
    reason: 'Hubble is not enabled in the agent',
    nextStep:
      'Set enable-hubble: "true" in kube-system/cilium-config (Helm: hubble.enabled=true) and restart the agents.',
  },
  {
    text: /unknown (?:flag|command|shorthand)/i,
    code: 'unsupported',
    reason: 'this version of Cilium does not know the command',
    nextStep: 'Flows need Cilium 1.10 or later.',
  },
];

/** The command's result, or why it is none. Stopped by the caller or by the output bound, what came until then counts. */
export function outcomeOf(agent: PodRef, command: string, read: Read<ExecResult>): Read<ExecResult> {
  if (!read.ok) return { ok: false, notRead: withGrant(agent, command, read.notRead) };
  const { ended, exitCode, stdout, stderr } = read.value;
  if (ended === 'aborted' || ended === 'output_limit' || (ended === 'exited' && exitCode === 0)) return read;
  const what = `${command} in ${agent.namespace}/${agent.name}`;
  if (ended === 'timeout') {
    const nextStep = `kubectl -n ${agent.namespace} exec ${agent.name} -c cilium-agent -- ${command} tells whether the agent answers.`;
    return { ok: false, notRead: { what, code: 'timeout', reason: 'the agent did not answer in time', nextStep } };
  }
  const text = clean(stderr.trim() || stdout.trim(), 300);
  const said = text === '' ? {} : { said: text };
  const known = KNOWN.find(({ text: pattern }) => pattern.test(text));
  if (known)
    return {
      ok: false,
      notRead: { what, code: known.code, reason: known.reason, ...said, nextStep: known.nextStep },
    };
  const reason = ended === 'exited' ? `ended with exit code ${exitCode ?? '?'}` : 'was cut off';
  return { ok: false, notRead: { what, code: 'refused', reason, ...said } };
}

function withGrant(agent: PodRef, command: string, notRead: NotRead): NotRead {
  const what = `${command} in ${agent.namespace}/${agent.name}`;
  if (notRead.code !== 'forbidden') return { ...notRead, what };
  return {
    ...notRead,
    what,
    nextStep: `Grant get and create on pods/exec in ${agent.namespace} to read flows from the agent.`,
  };
}

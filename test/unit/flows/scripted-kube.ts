/** A connection whose answers a test writes down: path or command → answer; what is not written down is an error. */
import type { NotRead, Read } from '../../../src/core/model/cluster-state.ts';
import type { ExecRequest, ExecResult, ForwardingConnection } from '../../../src/kube/connection.ts';

export interface Script {
  readonly get?: Readonly<Record<string, Read<unknown>>>;
  readonly exec?: (request: ExecRequest, signal: AbortSignal) => Promise<Read<ExecResult>> | Read<ExecResult>;
}

export interface ScriptedKube extends ForwardingConnection {
  readonly asked: { path: string; query: Readonly<Record<string, string>> }[];
  readonly commands: ExecRequest[];
}

export function scriptedKube({ get = {}, exec }: Script): ScriptedKube {
  const asked: ScriptedKube['asked'] = [];
  const commands: ExecRequest[] = [];
  return {
    context: 'test',
    server: 'https://test.example',
    asked,
    commands,
    get: async (path, query) => {
      asked.push({ path, query });
      const answer = get[path];
      if (!answer) throw new Error(`the test has no answer for ${path}`);
      return answer;
    },
    forward: async () => {
      throw new Error('the test has no answer for a port-forward');
    },
    readLog: async () => {
      throw new Error('flows read no logs');
    },
    exec: async (request, signal) => {
      commands.push(request);
      if (!exec) throw new Error('the test has no answer for exec');
      return exec(request, signal);
    },
  };
}

export function exited(stdout: string, exitCode = 0, stderr = ''): Read<ExecResult> {
  return { ok: true, value: { stdout, stderr, exitCode, truncated: false, ended: 'exited' } };
}

export function refused(code: NotRead['code'], reason: string): Read<never> {
  return { ok: false, notRead: { what: 'it', code, reason } };
}

export const AGENTS = '/api/v1/pods';
export const AGENT_LIST: Read<unknown> = {
  ok: true,
  value: {
    items: [
      {
        metadata: { namespace: 'kube-system', name: 'cilium-old', deletionTimestamp: '2026-11-24T00:00:00Z' },
        status: { phase: 'Running' },
      },
      { metadata: { namespace: 'kube-system', name: 'cilium-abc' }, status: { phase: 'Running' } },
    ],
  },
};

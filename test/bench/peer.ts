/** Cilium's own engine and Go's regular expressions on the benches' input, by the oracle's program; `policies.ts` and `names.ts` compare with it. */
import { spawn } from 'node:child_process';
import { buildProgram } from '../oracle/program.ts';

/** Nanoseconds in all; the fields of `benchAnswer` in test/oracle/cilium/bench.go. */
export interface PeerAnswer {
  readonly pods: number;
  readonly allowed: number;
  readonly repositoryNs: number;
  readonly resolveNs: number;
  readonly decideNs: number;
  readonly pairs: number;
  readonly matched: number;
  readonly matchNs: number;
}

export async function askPeer(question: object): Promise<PeerAnswer> {
  const program = await buildProgram();
  const child = spawn(program, ['bench'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  child.stdin.end(JSON.stringify(question));
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`the peer ended with ${String(code)}`))));
  });
  return JSON.parse(output) as PeerAnswer;
}

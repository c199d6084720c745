/** Builds the Go program with Cilium's engine, as the lab builds its programs and into the same cache, and talks to it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildGo } from './go-program.ts';
import { CILIUM_VERSION, minorIn } from './versions.ts';

const folder = join(import.meta.dirname, 'cilium');
/** Path of the program with that version of Cilium, built if its sources have changed. */
export function buildProgram(version: string = CILIUM_VERSION): Promise<string> {
  const title = "the oracle (with Cilium's packages: minutes the first time)";
  return buildGo({ folder, name: 'oracle', title, flags: flagsOf(version) });
}

/** Another version has its own go.mod beside the sources, and a tag for those of its files that differ. */
function flagsOf(version: string): string[] {
  if (version === CILIUM_VERSION) return [];
  return [`-modfile=cilium-${version}.mod`, `-tags=cilium1${minorIn(version)}`];
}

export interface Program {
  /** One question, one answer; questions may be asked before earlier ones are answered. */
  ask(question: unknown): Promise<unknown>;
  end(): Promise<void>;
}

export function startProgram(path: string): Program {
  const child = spawn(path, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const error = new Error(`the oracle ended with ${String(code)}`);
      for (const one of waiting.splice(0)) one.reject(error);
      if (code === 0) resolve();
      else reject(error);
    });
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as { error?: string };
    const next = waiting.shift();
    if (answer.error === undefined) next?.resolve(answer);
    else next?.reject(new Error(`the oracle: ${answer.error}`));
  });
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(question)}\n`);
      }),
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
}

/** Asks a program that answers every line of JSON with a line of JSON, without waiting for one answer before the next question. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** The answers, in the order of the questions. */
export async function* askInLines(program: Program, questions: Iterable<unknown>): AsyncGenerator {
  const child = spawn(program.command, program.args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const asked = feed(child.stdin, questions, ended);
  let answers = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    answers += 1;
    yield JSON.parse(line);
  }
  const code = await ended;
  const count = await asked;
  if (code !== 0 || answers !== count)
    throw new Error(`${program.command} ended with ${code} after ${answers} of ${count} answers`);
}

async function feed(stdin: Writable, questions: Iterable<unknown>, ended: Promise<unknown>): Promise<number> {
  let count = 0;
  // A program that ended early is reported by its exit code.
  stdin.on('error', () => undefined);
  for (const question of questions) {
    count += 1;
    if (!stdin.write(`${JSON.stringify(question)}\n`)) await Promise.race([once(stdin, 'drain'), ended]);
    if (stdin.destroyed) break;
  }
  stdin.end();
  return count;
}

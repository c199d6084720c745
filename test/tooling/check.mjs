/** `npm run check`: every gate of the project, two at a time; prints only what failed, and a line each. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const GATES = [
  ['tests and architecture', 'vitest', ['run']],
  ['types', 'tsc', ['-p', '.']],
  ['lint', 'oxlint', ['--type-aware']],
  ['format', 'biome', ['check']],
  ['dead code', 'knip', []],
  ['generated docs', 'node', ['test/tooling/docs.ts', '--check']],
];

function run([name, command, args]) {
  return new Promise((resolve) => {
    const started = Date.now();
    const child = spawn(command, args, { cwd: root, env: { ...process.env, FORCE_COLOR: '0' } });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => output.push(error.message));
    child.on('close', (code) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
      if (code !== 0) process.stdout.write(`${Buffer.concat(output.map((part) => Buffer.from(part)))}\n`);
      resolve(code === 0);
    });
  });
}

const waiting = [...GATES];
const passed = [];
async function worker() {
  for (let gate = waiting.shift(); gate; gate = waiting.shift()) passed.push(await run(gate));
}
await Promise.all([worker(), worker()]);
process.exitCode = passed.every(Boolean) ? 0 : 1;

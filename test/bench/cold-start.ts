/** `npm run bench`: how long `node dist/main.js mcp` takes to answer tools/list, beside what importing each big dependency costs. */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const RUNS = 9;
const DEPENDENCIES = [
  '@kubernetes/client-node',
  '@modelcontextprotocol/sdk/server/index.js',
  'zod',
  'isomorphic-git',
  'js-yaml',
];

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '0' } },
};

function toToolsList(file: string): Promise<{ ms: number; chars: number }> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, [file, 'mcp'], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.on('error', reject);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      const answer = output.split('\n').find((line) => line.includes('"id":2'));
      if (answer === undefined || !output.endsWith('\n')) return;
      const { result } = JSON.parse(answer) as { result: { tools: unknown[] } };
      resolve({ ms: performance.now() - started, chars: JSON.stringify(result.tools).length });
      child.stdin.on('error', () => {});
      child.stdin.end();
    });
    for (const message of [
      INITIALIZE,
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 2, method: 'tools/list' },
    ]) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
    }
  });
}

function run(code: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: root, stdio: 'inherit' })
      .on('error', reject)
      .on('close', () => resolve(performance.now() - started));
  });
}

async function median(measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < RUNS; i += 1) times.push(await measure());
  return times.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
}

const file = process.argv[2] ?? 'dist/main.js';
const { chars } = await toToolsList(file);
const listed = await median(async () => (await toToolsList(file)).ms);
const bare = await median(() => run(''));
const kilobytes = Math.round(statSync(file).size / 1024);
process.stdout.write(`${file}: ${kilobytes} kB; tools/list ${chars} characters\n`);
process.stdout.write(
  `start to tools/list: ${listed.toFixed(0)} ms (median of ${RUNS}); a bare node: ${bare.toFixed(0)} ms\n`,
);
for (const name of DEPENDENCIES) {
  const cost = (await median(() => run(`await import(${JSON.stringify(name)})`))) - bare;
  process.stdout.write(`import of ${name}: ${cost.toFixed(0)} ms\n`);
}

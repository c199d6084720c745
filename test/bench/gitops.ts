/** `npm run bench`: policies of a 50,000-file repository over loopback HTTP and from a local clone, beside the git command line. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { httpBackend, serve } from '../unit/gitops/repositories.ts';
import type { Reading } from './gitops-child.ts';
import { FILES, fillMonorepo } from './monorepo.ts';

const CHILD = join(import.meta.dirname, 'gitops-child.ts');
const WANTED = { coldMs: 10_000, warmMs: 500, megabytes: 270 };
const dir = mkdtempSync(join(tmpdir(), 'bench-gitops-'));

/** In a process of its own, so that its memory is that of one diagnosis. */
function read(repository: string, path: string): Promise<Reading> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, repository, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(output) as Reading) : reject(new Error(`the reader ended with ${String(code)}`)),
    );
  });
}

/** Wall time and the peak of resident memory over all processes of the command, by Python's `resource`. */
function cli(script: string): Promise<{ ms: number; megabytes: number }> {
  const measure = `import subprocess,resource,sys,time
t=time.time();subprocess.run(['sh','-ec',sys.argv[1]],check=True)
print((time.time()-t)*1000,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss/1024)`;
  return new Promise((resolve, reject) => {
    const child = spawn('python3', ['-c', measure, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', () => {
      const [ms = 0, megabytes = 0] = output.trim().split(' ').map(Number);
      resolve({ ms, megabytes });
    });
  });
}

function line(what: string, ms: number, more: string): void {
  process.stdout.write(`${what.padEnd(58)} ${ms.toFixed(0).padStart(6)} ms   ${more}\n`);
}

function report(what: string, reading: Reading, judged: boolean): void {
  line(`${what}, cold`, reading.coldMs, `${reading.megabytes.toFixed(0)} MB at its peak, ${reading.policies} policies`);
  line(`${what}, warm`, reading.warmMs, '');
  const late = reading.coldMs > WANTED.coldMs || reading.warmMs > WANTED.warmMs;
  if (judged && (late || reading.megabytes > WANTED.megabytes)) {
    process.stdout.write(`  misses what is wanted: ${JSON.stringify(WANTED)}\n`);
    process.exitCode = 1;
  }
}

async function compareWithCli(url: string): Promise<void> {
  const partial = join(dir, 'partial');
  const sparse = `git clone -q --depth 1 --filter=blob:none --sparse ${url} ${partial}; git -C ${partial} sparse-checkout set policies`;
  const measuredSparse = await cli(sparse);
  line(
    'git clone --depth 1 --filter=blob:none, sparse',
    measuredSparse.ms,
    `${measuredSparse.megabytes.toFixed(0)} MB`,
  );
  const whole = await cli(`git clone -q --depth 1 ${url} ${join(dir, 'whole')}`);
  line('git clone --depth 1', whole.ms, `${whole.megabytes.toFixed(0)} MB`);
}

try {
  const repository = join(dir, 'mono.git');
  mkdirSync(repository);
  await fillMonorepo(repository);
  const server = await serve(httpBackend(dirname(repository)));
  const url = `${server.url}/${basename(repository)}`;
  const size = execFileSync('du', ['-sm', repository], { encoding: 'utf8' }).split('\t')[0];
  process.stdout.write(`a repository of ${FILES} files, ${size} MB packed\n`);
  report('its policy folder over HTTP with filter', await read(url, 'policies'), true);
  report('all of it over HTTP with filter', await read(url, ''), false);
  report('its policy folder in a bare clone', await read(repository, 'policies'), true);
  execFileSync('git', ['-C', repository, 'config', 'uploadpack.allowFilter', 'false']);
  report('its policy folder over HTTP, a server without filter', await read(url, 'policies'), true);
  execFileSync('git', ['-C', repository, 'config', 'uploadpack.allowFilter', 'true']);
  await compareWithCli(url);
  await server.close();
} finally {
  rmSync(dir, { recursive: true, force: true });
}

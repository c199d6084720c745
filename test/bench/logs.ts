/**
 * `npm run bench`: 1 GB of mixed log lines through the reader of `grepPodLogs`, beside `grep -E` with the same words, piped from the same
 * source. Processor time is what is compared, since the source and whatever else runs take from the wall clock; both are printed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { FAILURE_TOKENS } from '../../src/logs/tokens.ts';
import { linesBlock } from './logs/lines.ts';

const BYTES = 1024 ** 3;
const WANTED = { ratio: 3, megabytes: 200 };
const OWN_PATTERN = { ours: '/payment [0-9a-f-]{36} closed/', grep: 'payment [0-9a-f-]{36} closed' };
const CHILD = join(import.meta.dirname, 'logs-child.ts');
const SOURCE = join(import.meta.dirname, 'logs-source.ts');

interface Measured {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly megabytes: number;
  readonly output: string;
}

/** Starts source and reader as a shell would, and asks the system what the reader alone has used. */
const MEASURE = `import json,os,subprocess,sys,time
source,reader,env=[json.loads(a) for a in sys.argv[1:4]]
t=time.time()
s=subprocess.Popen(source,stdout=subprocess.PIPE)
r=subprocess.Popen(reader,stdin=s.stdout,stdout=subprocess.PIPE,env={**os.environ,**env})
s.stdout.close()
out=r.stdout.read().decode()
_,_,u=os.wait4(r.pid,0)
s.wait()
print(json.dumps({"wallMs":(time.time()-t)*1000,"cpuMs":(u.ru_utime+u.ru_stime)*1000,"megabytes":u.ru_maxrss/1024,"output":out}))`;

function measure(file: string, reader: readonly string[], env: Readonly<Record<string, string>> = {}): Measured {
  const source = [process.execPath, SOURCE, file, String(BYTES)];
  const { stdout, status, stderr } = spawnSync(
    'python3',
    ['-c', MEASURE, ...[source, reader, env].map((part) => JSON.stringify(part))],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measured;
}

function show(what: string, { wallMs, cpuMs, megabytes, output }: Measured): void {
  const times = `${(wallMs / 1000).toFixed(1).padStart(6)} s, ${(cpuMs / 1000).toFixed(1).padStart(5)} s of processor time`;
  process.stdout.write(
    `${what.padEnd(44)} ${times}, ${megabytes.toFixed(0).padStart(4)} MB   ${output.trim().slice(0, 160)}\n`,
  );
}

const words = (more: readonly string[]): string =>
  [...FAILURE_TOKENS, '://']
    .map((token) => token.replace(/[[\]{}()*+?.\\^$|]/g, '\\$&'))
    .concat(more)
    .join('|');

function compare(file: string, name: string, own: readonly [] | readonly [typeof OWN_PATTERN]): void {
  const ours = measure(file, [process.execPath, reader, ...own.map(({ ours: pattern }) => pattern)]);
  show(`grepPodLogs' reader, ${name}`, ours);
  const grep = ['grep', '-ciE', words(own.map(({ grep: pattern }) => pattern))];
  const locales: readonly (readonly [string, Record<string, string>])[] = [
    ['LC_ALL=C', { LC_ALL: 'C' }],
    ['the default locale', {}],
  ];
  for (const [locale, env] of locales) {
    const theirs = measure(file, grep, env);
    const ratio = ours.cpuMs / theirs.cpuMs;
    show(`grep -ciE, ${name}, ${locale}`, theirs);
    const late = ratio > WANTED.ratio || ours.megabytes > WANTED.megabytes;
    process.stdout.write(
      `  ratio ${ratio.toFixed(2)}, ${(ours.wallMs / theirs.wallMs).toFixed(2)} by the clock${late ? `; misses what is wanted: ${JSON.stringify(WANTED)}` : ''}\n`,
    );
    if (late) process.exitCode = 1;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'bench-logs-'));
/** Bundled, as the program is shipped. */
const reader = join(folder, 'reader.mjs');
try {
  buildSync({ entryPoints: [CHILD], bundle: true, platform: 'node', format: 'esm', outfile: reader });
  const file = join(folder, 'lines.log');
  writeFileSync(file, linesBlock());
  compare(file, 'default patterns', []);
  compare(file, 'and one of the caller', [OWN_PATTERN]);
} finally {
  rmSync(folder, { recursive: true });
}

/**
 * First step of every npm script: makes the checkout runnable on a machine that has only Node 20 and npm, then runs the given
 * steps with the Node 24 that npm's `node` package put into node_modules. Plain JavaScript without imports from npm, because
 * it runs before anything is installed.
 *
 * Usage: node test/tooling/setup.mjs [step.mjs|step.ts …] [arguments of the last step …]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');
const node24 = join(bin, 'node');

function packagesOf(lockfile) {
  try {
    const { packages } = JSON.parse(readFileSync(lockfile, 'utf8'));
    return new Map(Object.entries(packages).filter(([path]) => path !== ''));
  } catch {
    return undefined;
  }
}

/** npm writes node_modules/.package-lock.json last, so it stands for a finished installation and says of what. */
function installed() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !present || !existsSync(node24)) return false;
  for (const [path, { version, integrity, optional, devOptional }] of wanted) {
    const found = present.get(path);
    if (!found && !optional && !devOptional) return false;
    if (found && (found.version !== version || found.integrity !== integrity)) return false;
  }
  return [...present.keys()].every((path) => wanted.has(path));
}

function run(command, args) {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' });
  if (error) process.stderr.write(`${command}: ${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}

function install() {
  process.stderr.write('Installing the pinned dependencies (once; needs the npm registry)…\n');
  // Errors only: under Node 20 npm would warn of engines that the installed Node 24 satisfies.
  run('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund']);
}

if (!installed()) install();

const args = process.argv.slice(2);
const firstArgument = args.findIndex((arg) => !/\.(mjs|ts)$/.test(arg));
const steps = firstArgument === -1 ? args : args.slice(0, firstArgument);
const rest = firstArgument === -1 ? [] : args.slice(firstArgument);
steps.forEach((step, index) => run(node24, [step, ...(index === steps.length - 1 ? rest : [])]));

// The lab's commands: `node test/lab/main.ts up|down|status [--json] [--engine cilium|calico]`. See README.md beside this file.
import { down } from './down.ts';
import { status } from './status.ts';
import { up } from './up.ts';

async function printStatus(asJson: boolean): Promise<number> {
  const now = await status();
  const dead = now.dead === undefined ? '' : ` (ended: ${now.dead.join(', ')})`;
  const text = now.up ? `up, kubeconfig: ${now.kubeconfig}` : `down${dead}`;
  process.stdout.write(`${asJson ? JSON.stringify(now) : text}\n`);
  return now.up ? 0 : 1;
}

async function main(command: string | undefined, options: readonly string[]): Promise<number> {
  if (command === 'status') return printStatus(options.includes('--json'));
  if (command !== 'up' && command !== 'down') {
    process.stderr.write('usage: node test/lab/main.ts up | down | status [--json] [--engine cilium|calico]\n');
    return 2;
  }
  if (process.getuid?.() !== 0) throw new Error('the lab makes network namespaces and mounts: run it as root');
  await (command === 'up' ? up() : down());
  return 0;
}

try {
  process.exitCode = await main(process.argv[2], process.argv.slice(3));
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** One process of `gitops.ts`: compares a repository's policies twice and prints how long each took and the peak of its memory. */
import { createGitopsSource } from '../../src/gitops/gitops-source.ts';

export interface Reading {
  readonly coldMs: number;
  readonly warmMs: number;
  readonly megabytes: number;
  readonly policies: number;
}

const [repository = '', path = ''] = process.argv.slice(2);
const source = createGitopsSource({ timeoutMs: 120_000 });
const signal = new AbortController().signal;

async function once(): Promise<{ ms: number; policies: number }> {
  const started = performance.now();
  const read = await source.compare({ repository, ...(path === '' ? {} : { path }) }, [], 'shop', signal);
  if (!read.ok) throw new Error(`${read.notRead.code}: ${read.notRead.reason}`);
  return { ms: performance.now() - started, policies: read.value.policies.length };
}

const cold = await once();
const warm = await once();
const megabytes = process.resourceUsage().maxRSS / 1024;
const reading: Reading = { coldMs: cold.ms, warmMs: warm.ms, megabytes, policies: cold.policies };
process.stdout.write(JSON.stringify(reading));

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LADDER } from '../../../src/probes/programs/ladder.ts';
import { asInput } from '../../../src/probes/programs/rung.ts';
import { which } from './support/local-kube.ts';

/**
 * What operators and base images put into a container's environment for the application: agents, preloads, debugger ports. A
 * stand-in for the interpreter prints what of it would reach the probe.
 */
const INJECTED = {
  NODE_OPTIONS: '--require /agent.js --inspect=0.0.0.0:9229',
  BUN_OPTIONS: '--preload /agent.js',
  DENO_DIR: '/deno-dir',
  JAVA_TOOL_OPTIONS: '-javaagent:/agent.jar -Djavax.net.ssl.trustStore=/trust.p12 -Xmx4g',
  JDK_JAVA_OPTIONS: '-Djava.net.preferIPv6Addresses=true @/options',
  https_proxy: 'http://proxy.shop.example:3128',
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** What a stand-in for `interpreter` printed after the ladder had chosen it. */
function started(interpreter: string, prints: string): string {
  const box = mkdtempSync(join(tmpdir(), 'probe-ladder-'));
  folders.push(box);
  for (const tool of ['sh', 'env']) symlinkSync(which(tool) ?? '', join(box, tool));
  writeFileSync(join(box, interpreter), `#!/bin/sh\n${prints}\n`, { mode: 0o755 });
  const run = spawnSync(
    '/bin/sh',
    ['-c', LADDER, 'probe', 'NONCE', '100', '100', '100', 't0', 'a.test', '443', '0', '-'],
    {
      env: { ...INJECTED, PATH: box },
      input: asInput('class Probe {}'),
      encoding: 'utf8',
    },
  );
  const [need, ...rest] = run.stdout.split('\n');
  expect(need).toBe(`NONCE\tneed\t-\trung=${interpreter}`);
  return rest.join('\n').trim();
}

describe.skipIf(process.platform !== 'linux')('an interpreter is started', () => {
  it.each([
    ['node', 'NODE_OPTIONS', ''],
    ['bun', 'BUN_OPTIONS', ''],
    ['deno', 'DENO_DIR', '/dev/null'],
  ])('%s without the %s of the application', (interpreter, name, expected) => {
    expect(started(interpreter, `echo "$${name}"`)).toBe(expected);
  });

  it('java with the trust store and the preferred addresses of the application, without its agent', () => {
    const words = started('java', 'echo "$@"').split(' ');
    expect(words.filter((word) => /agent|options|4g/.test(word))).toEqual([]);
    expect(words).toContain('-Djavax.net.ssl.trustStore=/trust.p12');
    expect(words).toContain('-Djava.net.preferIPv6Addresses=true');
  });

  it('java with an environment that is the program, and the proxies as arguments', () => {
    const said = started(
      'java',
      'for last; do :; done; echo "$last"; while IFS= read -r line; do echo "$line"; done </proc/self/environ',
    );
    expect(said).toBe('https_proxy=http://proxy.shop.example:3128\n/*=*/class Probe {}');
  });
});

#!/usr/bin/env node
/** Entry: refuses an old Node in one line, then hands argv to the command line with everything it needs plugged in. */
import nodeModule from 'node:module';

/** `@kubernetes/client-node` 2 fails at import below this. */
const NEEDED = [22, 19] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `k8s-egress-diagnose needs Node.js ${NEEDED.join('.')} or newer; this is ${process.version} (${process.execPath}). Get one from https://nodejs.org/ or run: npx -y -p node@24 -p k8s-egress-diagnose k8s-egress-diagnose …\n`,
  );
  process.exit(64);
}

nodeModule.enableCompileCache?.();
const { runCommandLine } = await import('./cli/run.ts');

// A reader that has enough (`| head`), or a client that closes our standard error, is no fault; unheard, each would end the process.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

const code = await runCommandLine(
  process.argv.slice(2),
  { env: process.env, cwd: process.cwd() },
  {
    out: (text) => new Promise((resolve) => process.stdout.write(text, () => resolve())),
    err: (text) => process.stderr.write(text),
    errIsTerminal: process.stderr.isTTY,
  },
  {
    signal: interrupted.signal,
    compose: async (settings) => (await import('./compose.ts')).compose(settings),
    serve: async (settings) => {
      // A server ends with its client; at a terminal it ends with the first Ctrl-C.
      interrupted.signal.addEventListener('abort', () => process.exit(130));
      const { openDeps } = (await import('./compose.ts')).compose(settings);
      const { VERSION: version } = await import('./config/version.ts');
      await (await import('./server/stdio.ts')).serveStdio({ version, openDeps });
      return 0;
    },
  },
);
// Idle sockets of the API client would keep the process alive for seconds after the answer.
process.exit(code);

/** MCP over standard input and output until the client hangs up; started by `main.ts` for `k8s-egress-diagnose mcp`. */
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { stackOf } from '../tools/run-tool.ts';
import { buildServer, type ServerOptions } from './build.ts';

/** Resolves when the client has closed standard input, or at Ctrl-C; calls still running are cancelled by then. */
export async function serveStdio(options: Omit<ServerOptions, 'log'>): Promise<void> {
  const log = (line: string): void => {
    process.stderr.write(`${new Date().toISOString()} ${line}\n`);
  };
  const server = buildServer({ ...options, log });
  survive(log);

  const hungUp = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve);
    process.stdout.once('error', () => resolve());
    // Somebody who started the server by hand stops it by hand; a client hangs up.
    process.once('SIGINT', () => resolve());
  });
  server.onerror = (error) => log(`protocol: ${error.message}`);
  await server.connect(new StdioServerTransport());
  await hungUp;
  await server.close();
}

/** A socket that fails after its call was answered must not take the other calls with it. */
function survive(log: (line: string) => void): void {
  const report = (what: string) => (error: unknown) => log(`${what}: ${stackOf(error)}`);
  process.on('uncaughtException', report('uncaught exception'));
  process.on('unhandledRejection', report('unhandled rejection'));
}

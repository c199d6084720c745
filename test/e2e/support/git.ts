/** A Git repository of policies for one scenario, and a loopback HTTP server for it (git's own smart-HTTP backend). */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface PolicyRepo {
  readonly dir: string;
  write(file: string, text: string): void;
  read(file: string): string;
  /** Applies a unified diff with the real git and commits it. */
  apply(diff: string): void;
  remove(): void;
}

const git = (dir: string, args: readonly string[], input?: string): string =>
  execFileSync('git', ['-C', dir, '-c', 'user.name=e2e', '-c', 'user.email=e2e@example.invalid', ...args], {
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });

export function createRepo(files: Readonly<Record<string, string>>): PolicyRepo {
  const dir = mkdtempSync(join(tmpdir(), 'egress-policies-'));
  git(dir, ['init', '-q', '-b', 'main']);
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
    git(dir, ['add', '-A']);
    git(dir, ['commit', '-q', '-m', `set ${file}`]);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  return {
    dir,
    write,
    read: (file) => readFileSync(join(dir, file), 'utf8'),
    apply: (diff) => {
      git(dir, ['apply', '--index', '-'], diff);
      git(dir, ['commit', '-q', '-m', 'apply the proposed fix']);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Serves the repository at http://127.0.0.1:PORT/policies.git/ until closed. */
export async function serveRepo(repo: PolicyRepo, wantedPort = 0): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => backend(repo.dir, request, response));
  await new Promise<void>((resolve) => {
    server.listen(wantedPort, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/policies.git`, close: () => void server.close() };
}

function backend(dir: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: dir,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname.replace('/policies.git', '/.git'),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: '127.0.0.1',
    },
  });
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => answer(Buffer.concat(chunks), response));
}

/** CGI output: headers, an empty line, the body. */
function answer(output: Buffer, response: ServerResponse): void {
  const end = output.indexOf('\r\n\r\n');
  for (const line of output.subarray(0, end).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.end(output.subarray(end + 4));
}

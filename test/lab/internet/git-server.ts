// A Git server of the lab's internet: git's own smart-HTTP backend over the bare repositories of a folder, for reading only.
// Run inside the internet's network namespace: `node git-server.ts FOLDER ADDRESS`. http://ADDRESS/NAME.git is FOLDER/NAME.git.
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const [folder = '.', address = '127.0.0.1'] = process.argv.slice(2);

function header(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '');
}

function backend(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://lab.invalid');
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: header(request, 'git-protocol'),
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: header(request, 'content-type'),
      CONTENT_LENGTH: header(request, 'content-length'),
      HTTP_CONTENT_ENCODING: header(request, 'content-encoding'),
      REMOTE_ADDR: request.socket.remoteAddress ?? '',
    },
  });
  // A client that goes away in the middle closes the pipe.
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => answer(Buffer.concat(chunks), response));
}

/** CGI's output: headers, an empty line, the body. */
function answer(output: Buffer, response: ServerResponse): void {
  const end = output.indexOf('\r\n\r\n');
  if (end < 0) return void response.writeHead(500).end();
  for (const line of output.subarray(0, end).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.end(output.subarray(end + 4));
}

createServer(backend).listen(80, address);

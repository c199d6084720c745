/** The operator's proxy: a real one on this machine, before real Git servers over http and https. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { basename, dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { GitAccess } from '../../../src/gitops/access/access.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import { proxyFor } from '../../../src/gitops/wire/proxy.ts';
import { httpBackend, makeRepository, removeTempDirs, tempDir } from './repositories.ts';

const open: Server[] = [];
const trusted = getCACertificates('default');
afterEach(async () => {
  vi.unstubAllEnvs();
  setDefaultCACertificates(trusted);
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
afterAll(removeTempDirs);

async function listen(server: Server): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Both ways until either side is gone. */
function joinTo(socket: Duplex, address: string): void {
  const [host = '', port = ''] = address.split(':');
  const onward = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    onward.pipe(socket).pipe(onward);
  });
  for (const [one, other] of [
    [socket, onward],
    [onward, socket],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

interface Seen {
  readonly address: string;
  /** `CONNECT host:port`, `GET http://…`. */
  readonly lines: string[];
  readonly proxyAuthorization: (string | undefined)[];
  /** Authorization as the proxy can read it. */
  readonly authorization: (string | undefined)[];
}

/** `answer`: a status that it gives instead of going on. `names`: where it finds hosts that only it knows. */
async function proxy({
  answer,
  names = {},
}: {
  readonly answer?: number;
  readonly names?: Record<string, string>;
} = {}): Promise<Seen> {
  const seen = {
    lines: [] as string[],
    proxyAuthorization: [] as (string | undefined)[],
    authorization: [] as (string | undefined)[],
  };
  const note = ({ method, url, headers }: IncomingMessage): void => {
    seen.lines.push(`${method} ${url}`);
    seen.proxyAuthorization.push(headers['proxy-authorization']);
    seen.authorization.push(headers.authorization);
  };
  const server = createServer((incoming: IncomingMessage, response: ServerResponse) => {
    note(incoming);
    if (answer !== undefined) return void response.writeHead(answer).end();
    const url = new URL(incoming.url ?? '');
    const { 'proxy-authorization': _own, ...headers } = incoming.headers;
    const [hostname, port] = (names[url.host] ?? url.host).split(':');
    const onward = request(
      { hostname, port, path: url.pathname + url.search, method: incoming.method, headers },
      (answered) => {
        response.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(response);
      },
    );
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket) => {
    note(incoming);
    if (answer !== undefined) return void socket.end(`HTTP/1.1 ${answer} No\r\n\r\n`);
    joinTo(socket, names[incoming.url ?? ''] ?? incoming.url ?? '');
  });
  return { address: await listen(server), ...seen };
}

interface Repository {
  readonly address: string;
  readonly name: string;
  readonly headers: IncomingMessage['headers'][];
}

async function repository(tls?: { readonly key: string; readonly cert: string }, token?: string): Promise<Repository> {
  const dir = makeRepository({ 'p.yaml': 'a: 1\n' });
  const backend = httpBackend(dirname(dir));
  const headers: IncomingMessage['headers'][] = [];
  const handler = (incoming: IncomingMessage, response: ServerResponse): void => {
    headers.push(incoming.headers);
    const wanted =
      token === undefined ? undefined : `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
    if (wanted !== undefined && incoming.headers.authorization !== wanted)
      response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
    else backend(incoming, response);
  };
  const server = tls === undefined ? createServer(handler) : createTlsServer(tls, handler);
  return { address: await listen(server), name: basename(dir), headers };
}

function certificate(): { readonly key: string; readonly cert: string } {
  const dir = tempDir();
  const args = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=git.vendor.example';
  const names = 'subjectAltName=DNS:git.vendor.example,IP:127.0.0.1';
  execFileSync('openssl', [...args.split(' '), '-addext', names, '-keyout', 'key', '-out', 'cert'], {
    cwd: dir,
    stdio: 'ignore',
  });
  return { key: readFileSync(join(dir, 'key'), 'utf8'), cert: readFileSync(join(dir, 'cert'), 'utf8') };
}

function compare(url: string, access?: GitAccess) {
  const options = { timeoutMs: 10_000, ...(access === undefined ? {} : { access }) };
  return createGitopsSource(options).compare({ repository: url }, [], 'shop', new AbortController().signal);
}

describe('a proxy for http', () => {
  it('gets whole URLs, of a host that only it can find', async () => {
    const { address, name, headers } = await repository();
    const seen = await proxy({ names: { 'git.corp.vendor.example': address } });
    vi.stubEnv('http_proxy', `http://${seen.address}`);
    expect(await compare(`http://git.corp.vendor.example/${name}`)).toMatchObject({ ok: true });
    expect(seen.lines[0]).toBe(`GET http://git.corp.vendor.example/${name}/info/refs?service=git-upload-pack`);
    expect(seen.lines).toHaveLength(headers.length);
    expect(headers[0]?.host).toBe('git.corp.vendor.example');
  });

  it('is not used for what NO_PROXY excepts', async () => {
    const { address, name } = await repository();
    const seen = await proxy();
    vi.stubEnv('HTTP_PROXY', `http://${seen.address}`);
    vi.stubEnv('NO_PROXY', 'vendor.example, 127.0.0.0/8');
    expect(await compare(`http://${address}/${name}`)).toMatchObject({ ok: true });
    expect(seen.lines).toEqual([]);
  });

  it('is shown no credentials of the Git server', async () => {
    const { address, name } = await repository(undefined, 't0ken');
    const seen = await proxy();
    const access = { hosts: [address], token: 't0ken' };
    expect(await compare(`http://${address}/${name}`, access)).toMatchObject({ ok: true });
    vi.stubEnv('HTTP_PROXY', seen.address);
    const read = await compare(`http://${address}/${name}`, access);
    expect(read).toMatchObject({
      ok: false,
      notRead: { code: 'refused', reason: expect.stringContaining('through a proxy') },
    });
    expect(seen.authorization).toEqual([undefined]);
  });
});

describe('a proxy for https', () => {
  it('makes tunnels: what is inside them, the token too, it cannot read, and its own credentials go no further', async () => {
    const tls = certificate();
    setDefaultCACertificates([...trusted, tls.cert]);
    const { address, name, headers } = await repository(tls, 't0ken');
    const seen = await proxy({ names: { 'git.vendor.example:443': address } });
    vi.stubEnv('HTTPS_PROXY', `http://me:p%40ss@${seen.address}`);
    const access = { hosts: ['git.vendor.example'], token: 't0ken' };
    expect(await compare(`https://git.vendor.example/${name}`, access)).toMatchObject({ ok: true });
    expect(new Set(seen.lines)).toEqual(new Set(['CONNECT git.vendor.example:443']));
    const expected = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(new Set(seen.proxyAuthorization)).toEqual(new Set([expected]));
    expect(new Set(seen.authorization)).toEqual(new Set([undefined]));
    expect(headers.length).toBeGreaterThan(2);
    expect(JSON.stringify(headers)).not.toContain('proxy-authorization');
  });

  it('does not take the check of the certificate away', async () => {
    const tls = certificate();
    const { address, name } = await repository(tls);
    const seen = await proxy({ names: { 'git.vendor.example:443': address, 'other.vendor.example:443': address } });
    vi.stubEnv('https_proxy', `http://${seen.address}`);
    const untrusted = await compare(`https://git.vendor.example/${name}`);
    expect(untrusted).toMatchObject({ ok: false, notRead: { reason: expect.stringContaining('certificate') } });
    setDefaultCACertificates([...trusted, tls.cert]);
    const foreign = await compare(`https://other.vendor.example/${name}`);
    expect(foreign).toMatchObject({ ok: false, notRead: { reason: expect.stringContaining('certificate') } });
    expect(await compare(`https://git.vendor.example/${name}`)).toMatchObject({ ok: true });
  });

  it('may itself be spoken to over TLS', async () => {
    const tls = certificate();
    setDefaultCACertificates([...trusted, tls.cert]);
    const { address, name } = await repository(tls);
    const outer = createTlsServer(tls);
    outer.on('connect', (_incoming, socket) => joinTo(socket, address));
    const at = await listen(outer);
    vi.stubEnv('https_proxy', `https://${at}`);
    expect(await compare(`https://git.vendor.example/${name}`)).toMatchObject({ ok: true });
  });

  it.each([
    [407, 'forbidden', /refuses the credentials/],
    [403, 'unreachable', /answered 403 for git\.vendor\.example:443/],
    [502, 'unreachable', /answered 502/],
  ])('that answers %i is told, without its credentials', async (answer, code, says) => {
    const seen = await proxy({ answer });
    vi.stubEnv('https_proxy', `http://me:sup3rs3cret@${seen.address}`);
    const read = await compare('https://git.vendor.example/x');
    expect(read).toMatchObject({ ok: false, notRead: { code, reason: expect.stringMatching(says) } });
    expect(JSON.stringify(read)).not.toContain('sup3rs3cret');
    expect(JSON.stringify(read)).toContain(seen.address);
  });

  it('that nobody runs is told, for both schemes', async () => {
    vi.stubEnv('all_proxy', 'http://me:sup3rs3cret@127.0.0.1:9');
    for (const scheme of ['http', 'https']) {
      const read = await compare(`${scheme}://git.vendor.example/x`);
      expect(read).toMatchObject({
        ok: false,
        notRead: {
          code: 'unreachable',
          reason: expect.stringMatching(/proxy of all_proxy \(http:\/\/127\.0\.0\.1:9\).*ECONNREFUSED/),
        },
      });
      expect(JSON.stringify(read)).not.toContain('sup3rs3cret');
    }
  });
});

describe('what a proxy does not change', () => {
  it.each(['http://169.254.169.254/x', 'http://metadata.google.internal/x', 'https://[fd00:ec2::254]/x'])(
    'a metadata endpoint is not asked for: %s',
    async (url) => {
      const seen = await proxy();
      vi.stubEnv('all_proxy', `http://${seen.address}`);
      expect(await compare(url)).toMatchObject({ ok: false, notRead: { code: 'refused' } });
      expect(seen.lines).toEqual([]);
    },
  );

  it('a proxy is no metadata endpoint', async () => {
    vi.stubEnv('all_proxy', 'http://169.254.169.254:80');
    expect(await compare('http://git.vendor.example/x')).toMatchObject({ ok: false });
  });

  it('a redirect to another host is not followed', async () => {
    const elsewhere = await listen(
      createServer((_incoming, response) =>
        response.writeHead(302, { location: 'http://other.vendor.example/x' }).end(),
      ),
    );
    const seen = await proxy({ names: { 'git.vendor.example': elsewhere } });
    vi.stubEnv('http_proxy', seen.address);
    const read = await compare('http://git.vendor.example/x');
    expect(read).toMatchObject({
      ok: false,
      notRead: { code: 'refused', reason: expect.stringContaining('another host') },
    });
    expect(seen.lines).toHaveLength(1);
  });
});

describe('which proxy', () => {
  const P = 'http://p.vendor.example:3128';
  it.each<[string, Record<string, string>, string | undefined]>([
    ['https://a.example/x', { HTTPS_PROXY: P }, 'HTTPS_PROXY'],
    ['https://a.example/x', { HTTPS_PROXY: 'http://x', https_proxy: P }, 'https_proxy'],
    ['https://a.example/x', { HTTP_PROXY: P }, undefined],
    ['http://a.example/x', { HTTP_PROXY: P }, 'HTTP_PROXY'],
    ['http://a.example/x', { HTTP_PROXY: P, REQUEST_METHOD: 'GET' }, undefined],
    ['http://a.example/x', { http_proxy: P, REQUEST_METHOD: 'GET' }, 'http_proxy'],
    ['http://a.example/x', { ALL_PROXY: P }, 'ALL_PROXY'],
    ['http://a.example/x', { http_proxy: ' ' }, undefined],
    ['https://a.example/x', { https_proxy: P, no_proxy: '*' }, undefined],
    ['https://a.example/x', { https_proxy: P, NO_PROXY: 'a.example' }, undefined],
    ['https://git.a.example/x', { https_proxy: P, NO_PROXY: 'a.example' }, undefined],
    ['https://git.a.example/x', { https_proxy: P, NO_PROXY: '.a.example' }, undefined],
    ['https://git.a.example/x', { https_proxy: P, NO_PROXY: '*.a.example' }, undefined],
    ['https://nota.example/x', { https_proxy: P, NO_PROXY: 'a.example' }, 'https_proxy'],
    ['https://A.example/x', { https_proxy: P, NO_PROXY: 'b.example a.EXAMPLE' }, undefined],
    ['https://a.example:8443/x', { https_proxy: P, NO_PROXY: 'a.example:443' }, 'https_proxy'],
    ['https://a.example/x', { https_proxy: P, NO_PROXY: 'a.example:443' }, undefined],
    ['https://203.0.113.7/x', { https_proxy: P, NO_PROXY: '203.0.113.0/24' }, undefined],
    ['https://203.0.113.7/x', { https_proxy: P, NO_PROXY: '203.0.113.8' }, 'https_proxy'],
    ['https://[2001:db8::1]/x', { https_proxy: P, NO_PROXY: '2001:db8::/32' }, undefined],
    ['https://[2001:db8::1]/x', { https_proxy: P, NO_PROXY: '[2001:db8::1]' }, undefined],
    ['https://a.example/x', { https_proxy: P, no_proxy: 'b.example', NO_PROXY: 'a.example' }, 'https_proxy'],
  ])('for %s of %o', (url, environment, variable) => {
    const found = proxyFor(new URL(url), environment);
    expect(found?.shown).toBe(variable === undefined ? undefined : `${variable} (${P})`);
  });

  it('that is none is refused and not gone around', () => {
    const url = new URL('https://a.example');
    expect(() => proxyFor(url, { https_proxy: 'socks5://me:secret@p:1080' })).toThrow(/no HTTP proxy/);
    expect(() => proxyFor(url, { https_proxy: 'http://' })).toThrow(/no address/);
    expect(() => proxyFor(url, { https_proxy: 'socks5://me:secret@p:1080' })).not.toThrow(/secret/);
  });
});

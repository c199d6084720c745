import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { type GitAccess, howToAuthorise, isNamedHost } from '../../../src/gitops/access/access.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import { type GitServer, httpBackend, makeRepository, removeTempDirs, serve, tempDir } from './repositories.ts';

const open: GitServer[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((server) => server.close()));
});
afterAll(removeTempDirs);

const never = new AbortController().signal;

interface Guarded extends GitServer {
  readonly repository: string;
  readonly host: string;
  /** Every Authorization header that came, decoded. */
  readonly offered: string[];
}

/** A repository behind Basic authentication. */
async function guarded(user: string, echo = false): Promise<Guarded> {
  const dir = makeRepository({ 'p.yaml': 'a: 1\n' });
  const backend = httpBackend(dirname(dir));
  const offered: string[] = [];
  const server = await serve((request, response) => {
    const { authorization } = request.headers;
    const given = authorization === undefined ? '' : Buffer.from(authorization.slice(6), 'base64').toString();
    if (given !== '') offered.push(given);
    if (echo && authorization !== undefined) {
      const text = `ERR you sent ${given} as ${authorization}`;
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
      response.end((text.length + 4).toString(16).padStart(4, '0') + text);
    } else if (given === user) backend(request, response);
    else response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
  });
  open.push(server);
  return { ...server, offered, repository: `${server.url}/${basename(dir)}`, host: server.url.slice('http://'.length) };
}

function compare(repository: string, access?: GitAccess) {
  return createGitopsSource(access === undefined ? {} : { access }).compare({ repository }, [], 'shop', never);
}

describe('a token', () => {
  it('goes to a host that the operator named, when that asks for it', async () => {
    const { repository, host, offered } = await guarded('x-access-token:t0ken');
    expect(await compare(repository, { hosts: ['git.example', host], token: 't0ken' })).toMatchObject({ ok: true });
    expect(new Set(offered)).toEqual(new Set(['x-access-token:t0ken']));
  });

  it.each([
    ['no host', []],
    ['another host', ['git.example']],
    ['the host at its usual port', ['127.0.0.1']],
    ['another port', ['127.0.0.1:1']],
    ['another name of the same host', ['localhost']],
  ])('goes nowhere where %s was named', async (_what, hosts) => {
    const { repository, host, offered } = await guarded('x-access-token:t0ken');
    const named = hosts.map((name) => (name === 'localhost' ? `localhost:${host.split(':')[1]}` : name));
    const read = await compare(repository, { hosts: named, token: 't0ken', credentialHelper: true });
    expect(read).toMatchObject({
      ok: false,
      notRead: { code: 'forbidden', nextStep: expect.stringContaining(`--git-host ${host}`) },
    });
    expect(offered).toEqual([]);
  });

  it('is not sent to a server that does not ask', async () => {
    const dir = makeRepository({ 'p.yaml': 'a: 1\n' });
    const backend = httpBackend(dirname(dir));
    const offered: unknown[] = [];
    const server = await serve((request, response) => {
      offered.push(request.headers.authorization);
      backend(request, response);
    });
    open.push(server);
    const access = { hosts: [server.url.slice('http://'.length)], token: 't0ken' };
    expect(await compare(`${server.url}/${basename(dir)}`, access)).toMatchObject({ ok: true });
    expect(offered.length).toBeGreaterThan(1);
    expect(offered.every((header) => header === undefined)).toBe(true);
  });

  it('that is wrong is offered once, and shown nowhere', async () => {
    const { repository, host, offered } = await guarded('x-access-token:t0ken');
    const read = await compare(repository, { hosts: [host], token: 'wr0ng' });
    expect(read).toMatchObject({ ok: false, notRead: { code: 'forbidden', nextStep: expect.stringMatching(/token/) } });
    expect(offered).toEqual(['x-access-token:wr0ng']);
    expect(JSON.stringify(read)).not.toContain('wr0ng');
  });

  it('that the server repeats in an error is not repeated in ours', async () => {
    const { repository, host } = await guarded('nobody', true);
    const read = await compare(repository, { hosts: [host], token: 'sup3rsecret' });
    expect(read).toMatchObject({ ok: false, notRead: { reason: expect.stringContaining('[credentials]') } });
    const text = JSON.stringify(read);
    expect(text).not.toContain('sup3rsecret');
    expect(text).not.toContain(Buffer.from('x-access-token:sup3rsecret').toString('base64'));
  });

  it('does not follow a redirect to another host or port', async () => {
    const other = await guarded('x-access-token:t0ken');
    const server = await serve((request, response) => {
      if (request.headers.authorization === undefined) response.writeHead(401).end();
      else response.writeHead(302, { location: `${other.repository}/info/refs?service=git-upload-pack` }).end();
    });
    open.push(server);
    const hosts = [server.url.slice('http://'.length), other.host];
    expect(await compare(`${server.url}/x`, { hosts, token: 't0ken' })).toMatchObject({
      ok: false,
      notRead: { code: 'refused', reason: expect.stringContaining('redirects') },
    });
    expect(other.requests).toEqual([]);
  });
});

describe('a host is named', () => {
  it.each([
    ['git.example', 'https://git.example/x', true],
    ['GIT.example', 'https://git.EXAMPLE/x', true],
    ['git.example', 'https://git.example:8443/x', false],
    ['git.example:8443', 'https://git.example:8443/x', true],
    ['git.example:443', 'https://git.example/x', true],
    ['git.example', 'https://git.example.evil.example/x', false],
    ['git.example', 'https://evil-git.example/x', false],
    ['git.example', 'https://sub.git.example/x', false],
    ['git.example', 'ssh://git@git.example/x', true],
    ['git.example', 'ssh://git@git.example:2222/x', false],
    ['[::1]:80', 'http://[::1]/x', true],
  ])('%s for %s: %s', (named, url, yes) => {
    expect(isNamedHost({ hosts: [named] }, new URL(url))).toBe(yes);
  });

  it('and what to do is said by what is missing', () => {
    const url = new URL('https://git.example/x');
    expect(howToAuthorise({ hosts: [] }, url)).toContain('--git-host git.example and EGRESS_DIAGNOSE_GIT_TOKEN');
    expect(howToAuthorise({ hosts: ['git.example'] }, url)).toMatch(/with EGRESS_DIAGNOSE_GIT_TOKEN/);
    expect(howToAuthorise({ hosts: ['git.example'], token: 't' }, url)).toMatch(/^Check that the token/);
  });
});

describe('credentials in clear', () => {
  it('go to no host but this one', async () => {
    const { credentialsFor } = await import('../../../src/gitops/access/access.ts');
    const access = { hosts: ['git.example', '[::1]', '10.0.0.1'], token: 't0ken' };
    for (const host of ['git.example', '10.0.0.1']) {
      await expect(credentialsFor(access, new URL(`http://${host}/x`), never)).rejects.toThrow('in clear text');
    }
    expect(await credentialsFor(access, new URL('https://git.example/x'), never)).toMatchObject({ password: 't0ken' });
    expect(await credentialsFor(access, new URL('http://[::1]/x'), never)).toMatchObject({ password: 't0ken' });
  });
});

describe("git's credential helper", () => {
  /** A home whose git configuration names a helper that notes what it was asked. */
  function home(script: string): string {
    const dir = tempDir();
    writeFileSync(join(dir, 'helper'), `#!/bin/sh\ncat >> ${dir}/asked\n${script}\n`);
    chmodSync(join(dir, 'helper'), 0o700);
    writeFileSync(join(dir, '.gitconfig'), `[credential]\n\thelper = ${dir}/helper\n`);
    vi.stubEnv('HOME', dir);
    vi.stubEnv('XDG_CONFIG_HOME', dir);
    return dir;
  }

  it('is asked for a named host, where that is allowed', async () => {
    home('echo username=me; echo password=st0red');
    const { repository, host, offered } = await guarded('me:st0red');
    expect(await compare(repository, { hosts: [host], credentialHelper: true })).toMatchObject({ ok: true });
    expect(offered[0]).toBe('me:st0red');
    expect(await compare(repository, { hosts: [host] })).toMatchObject({ ok: false, notRead: { code: 'forbidden' } });
    expect(await compare(repository, { hosts: [], credentialHelper: true })).toMatchObject({ ok: false });
  });

  it('that knows nothing asks nobody', async () => {
    home('exit 1');
    const { repository, host, offered } = await guarded('me:st0red');
    const askpass = join(tempDir(), 'askpass');
    writeFileSync(askpass, '#!/bin/sh\necho st0red\n');
    chmodSync(askpass, 0o700);
    vi.stubEnv('GIT_ASKPASS', askpass);
    vi.stubEnv('SSH_ASKPASS', askpass);
    const read = await compare(repository, { hosts: [host], credentialHelper: true });
    expect(read).toMatchObject({ ok: false, notRead: { code: 'forbidden' } });
    expect(offered).toEqual([]);
  });

  it('that hangs is ended with the time-out', async () => {
    home('sleep 60');
    const { repository, host } = await guarded('me:st0red');
    const source = createGitopsSource({ access: { hosts: [host], credentialHelper: true }, timeoutMs: 1500 });
    const started = Date.now();
    expect(await source.compare({ repository }, [], 'shop', never)).toMatchObject({
      ok: false,
      notRead: { code: 'timeout' },
    });
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  it('of a repository that happens to be here is not asked', async () => {
    const dir = home('exit 1');
    const work = makeRepository({ 'p.yaml': 'a: 1\n' });
    mkdirSync(join(work, 'in'));
    writeFileSync(join(work, '.git/config'), `[credential]\n\thelper = "!touch ${dir}/ran; echo password=x"\n`);
    vi.stubEnv('GIT_DIR', join(work, '.git'));
    const { repository, host } = await guarded('me:st0red');
    await compare(repository, { hosts: [host], credentialHelper: true });
    const { existsSync } = await import('node:fs');
    expect(existsSync(join(dir, 'asked'))).toBe(true);
    expect(existsSync(join(dir, 'ran'))).toBe(false);
  });
});

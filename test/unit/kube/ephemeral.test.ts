/** The one write, through the real client against a local API server: what is sent, and every refusal in words. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { WritableConnection } from '../../../src/kube/connection.ts';
import { openKube } from '../../../src/kube/open.ts';
import { type FakeApiOptions, startFakeApi } from '../support/fake-api-server.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const ref = { namespace: 'shop', name: 'checkout' };
const PATH = '/api/v1/namespaces/shop/pods/checkout/ephemeralcontainers';
const container = { name: 'egress-diagnose-1', image: 'busybox:1.37', argv: ['sleep', '600'] };
const never = new AbortController().signal;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function start(options: FakeApiOptions) {
  const api = await startFakeApi(options);
  cleanups.push(() => api.close());
  const kube: WritableConnection = await openKube({ kubeconfig: api.kubeconfig });
  return { api, kube };
}

const answering =
  (code: number, message: string, reason = 'Forbidden'): Handler =>
  (request, response) => {
    request.resume();
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ kind: 'Status', status: 'Failure', message, reason, code }));
  };

describe('addEphemeralContainer', () => {
  it('sends one container as a strategic merge patch, without privileges', async () => {
    const seen: { method?: string; type?: string; body: string }[] = [];
    const take: Handler = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        seen.push({ method: request.method ?? '', type: request.headers['content-type'] ?? '', body });
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('{}');
      });
    };
    const { api, kube } = await start({ intercept: { [PATH]: take } });
    expect(await kube.addEphemeralContainer(ref, { ...container, runAsUser: 65_532 }, never)).toEqual({ ok: true });
    expect(api.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([`PATCH ${PATH}`]);
    const [{ method, type, body } = { body: '{}' }] = seen;
    expect([method, type]).toEqual(['PATCH', 'application/strategic-merge-patch+json']);
    expect(JSON.parse(body)).toEqual({
      spec: {
        ephemeralContainers: [
          {
            name: 'egress-diagnose-1',
            image: 'busybox:1.37',
            command: ['sleep', '600'],
            imagePullPolicy: 'IfNotPresent',
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65_532,
              allowPrivilegeEscalation: false,
              privileged: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
              seccompProfile: { type: 'RuntimeDefault' },
            },
          },
        ],
      },
    });
  });

  it('names no user where the pod has one', async () => {
    let body = '';
    const take: Handler = (request, response) => {
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => response.end('{}'));
    };
    const { kube } = await start({ intercept: { [PATH]: take } });
    expect((await kube.addEphemeralContainer(ref, container, never)).ok).toBe(true);
    expect(body).not.toContain('runAsUser');
  });

  it.each([
    [
      'no right',
      answering(
        403,
        'pods "checkout" is forbidden: User "fake" cannot patch resource "pods/ephemeralcontainers" in API group ""',
      ),
      {
        code: 'forbidden',
        nextStep: expect.stringMatching(/"patch" on "pods\/ephemeralcontainers" in namespace shop.*--verb=patch/),
      },
    ],
    [
      'Pod Security',
      answering(
        403,
        'pods "checkout" is forbidden: violates PodSecurity "restricted:latest": unrestricted capabilities',
      ),
      {
        code: 'refused',
        said: expect.stringContaining('PodSecurity'),
        nextStep: expect.stringMatching(/admission policies/),
      },
    ],
    [
      'a webhook',
      answering(400, 'admission webhook "images.example" denied the request: registry not allowed', 'BadRequest'),
      { code: 'refused', said: expect.stringContaining('registry not allowed') },
    ],
    [
      'a static pod',
      answering(422, 'Pod "checkout" is invalid: static pods do not support ephemeral containers', 'Invalid'),
      { code: 'refused', said: expect.stringContaining('static pods') },
    ],
    [
      'an old API server',
      (_request: IncomingMessage, response: ServerResponse) => {
        response.writeHead(404, { 'content-type': 'text/plain' });
        response.end('404 page not found\n');
      },
      { code: 'kind_absent', reason: expect.stringContaining('no ephemeral containers') },
    ],
  ])('%s', async (_name, handler, expected) => {
    const { kube } = await start({ intercept: { [PATH]: handler } });
    const what = 'ephemeral container in pod shop/checkout';
    expect(await kube.addEphemeralContainer(ref, container, never)).toMatchObject({
      ok: false,
      notRead: { what, ...expected },
    });
  });

  it('does nothing once the call is cancelled', async () => {
    const { api, kube } = await start({});
    await expect(kube.addEphemeralContainer(ref, container, AbortSignal.abort(new Error('gone')))).rejects.toThrow(
      'gone',
    );
    expect(api.requests).toEqual([]);
  });

  it('a connection that breaks before an answer is used once more, for the same name', async () => {
    const bodies: string[] = [];
    const take: Handler = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        bodies.push(body);
        if (bodies.length === 1) return void request.socket.destroy();
        response.end('{}');
      });
    };
    const { kube } = await start({ intercept: { [PATH]: take } });
    expect((await kube.addEphemeralContainer(ref, container, never)).ok).toBe(true);
    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toBe(bodies[1]);
  });
});

describe('exec that is refused', () => {
  it.each([
    [
      'by rights',
      undefined,
      { code: 'forbidden', nextStep: expect.stringContaining('--verb=get,create --resource=pods/exec') },
    ],
    [
      'by admission',
      'pods "checkout" is forbidden: exec into pods of this namespace is not allowed',
      { code: 'refused', nextStep: expect.stringContaining('admission') },
    ],
  ])('%s', async (_name, forbiddenSays, expected) => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'checkout', namespace: 'shop' } };
    const says = forbiddenSays === undefined ? {} : { forbiddenSays };
    const { kube } = await start({ objects: [pod], forbidden: ['pods/exec'], ...says });
    const request = { pod: ref, container: 'app', argv: ['true'], timeoutMs: 2000, maxOutputBytes: 100 };
    expect(await kube.exec(request, never)).toMatchObject({ ok: false, notRead: expected });
  });
});

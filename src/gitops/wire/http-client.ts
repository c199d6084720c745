/** HTTP to Git servers, through the operator's proxy where there is one: bounded in bytes, abortable, never led to another host, credentials only to hosts that were named; used by `smart-http.ts`. */
import { lookup } from 'node:dns';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { createAddressGuard, refuseMetadata } from '../access/address-guard.ts';
import { GitProblem } from '../git-problem.ts';
import { type Environment, type Proxy, proxyFor } from './proxy.ts';
import { checkProxyAnswer, explained, requestThrough } from './through-proxy.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface HttpOptions {
  /** Over all responses of this client together. */
  readonly maxBytes: number;
  /** Asked after a 401, with the URL that gave it; undefined where this host gets none. */
  readonly credentialsFor: (url: URL, signal: AbortSignal) => Promise<Credentials | undefined>;
  /** Names proxies; that of this process by default. */
  readonly environment?: Environment;
}

export interface HttpAsked {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** What is asked for beside the files has a bound of its own, so that it takes nothing from them. */
  readonly beside?: boolean;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: AsyncIterable<Buffer>;
  /** Bytes that the body may have; more is an error while it is read. */
  readonly atMost: number;
  /** For an answer whose body nobody reads. */
  discard(): void;
}

export interface HttpClient {
  request(asked: HttpAsked): Promise<HttpAnswer>;
}

const MAX_REDIRECTS = 3;
const MAX_BESIDE = 32 * 1024 * 1024;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

interface Connections {
  readonly lookup: LookupFunction;
  readonly proxyFor: (url: URL) => Proxy | undefined;
  /** A proxy is the operator's word: only a metadata endpoint is none. */
  readonly proxyLookup: LookupFunction;
  /** Once the server has asked for it. */
  authorization: { readonly origin: string; readonly value: string } | undefined;
}

export function createHttpClient(options: HttpOptions): HttpClient {
  const budgets = { files: { left: options.maxBytes }, beside: { left: Math.min(options.maxBytes, MAX_BESIDE) } };
  const connections: Connections = {
    lookup: guardedLookup(createAddressGuard()),
    proxyFor: (url) => proxyFor(url, options.environment ?? process.env),
    proxyLookup: guardedLookup((_host, address) => refuseMetadata(address)),
    authorization: undefined,
  };
  // A renamed repository answers the discovery with a redirect; the pack is then asked for at the new base, as git does.
  let rebase = (url: string): string => url;
  return {
    async request(asked) {
      const first = rebase(asked.url);
      let found = await follow({ ...asked, url: first }, connections);
      if (found.response.statusCode === 401 && (await authorise(connections, { ...asked, url: found.url }, options))) {
        found.response.destroy();
        found = await follow({ ...asked, url: found.url }, connections);
      }
      const { response, url } = found;
      if (url !== first) rebase = rebaseTo(asked.url, url) ?? rebase;
      const budget = asked.beside === true ? budgets.beside : budgets.files;
      const contentType = response.headers['content-type'] ?? '';
      return {
        status: response.statusCode ?? 0,
        contentType,
        body: bounded(response, budget),
        atMost: Math.max(0, budget.left),
        discard: () => response.destroy(),
      };
    },
  };
}

/** Whether there is something to try that was not tried yet. */
async function authorise(connections: Connections, asked: HttpAsked, options: HttpOptions): Promise<boolean> {
  if (connections.authorization !== undefined) return false;
  const url = new URL(asked.url);
  const credentials = await options.credentialsFor(url, asked.signal);
  if (credentials === undefined) return false;
  if (url.protocol !== 'https:' && connections.proxyFor(url) !== undefined)
    throw new GitProblem('refused', 'credentials would go in clear text through a proxy', 'Give the https URL.');
  const value = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  connections.authorization = { origin: url.origin, value };
  return true;
}

async function follow(asked: HttpAsked, connections: Connections): Promise<{ response: IncomingMessage; url: string }> {
  let { url } = asked;
  for (let hops = 0; ; hops += 1) {
    const response = await send({ ...asked, url }, connections);
    const { location } = response.headers;
    if (!REDIRECTS.has(response.statusCode ?? 0) || location === undefined) return { response, url };
    response.destroy();
    url = checkRedirect(url, location, hops, asked.method);
  }
}

function checkRedirect(from: string, location: string, hops: number, method: string): string {
  const target = URL.canParse(location, from) ? new URL(location, from) : undefined;
  const host = new URL(from).hostname;
  const refuse = (why: string): GitProblem =>
    new GitProblem('refused', `${host} redirects ${why}`, 'Give the URL that it redirects to, if you trust it.');
  if (target === undefined) throw refuse('to something that is no URL');
  if (target.hostname !== host) throw refuse(`to another host (${target.hostname})`);
  if (!isSameService(new URL(from), target)) throw refuse(`to another port or scheme (${target.origin})`);
  if (target.username !== '' || target.password !== '') throw refuse('to a URL with credentials');
  if (method !== 'GET' || hops >= MAX_REDIRECTS) throw refuse('too often');
  return target.href;
}

function isSameService(from: URL, to: URL): boolean {
  const upgrade = from.protocol === 'http:' && to.protocol === 'https:' && from.port === '' && to.port === '';
  return from.origin === to.origin || upgrade;
}

function rebaseTo(asked: string, final: string): ((url: string) => string) | undefined {
  const suffix = asked.slice(asked.indexOf('/info/refs'));
  if (!asked.includes('/info/refs') || !final.endsWith(suffix)) return undefined;
  const [oldBase, newBase] = [asked.slice(0, -suffix.length), final.slice(0, -suffix.length)];
  return (url) => (url.startsWith(oldBase) ? newBase + url.slice(oldBase.length) : url);
}

async function send(asked: HttpAsked, connections: Connections): Promise<IncomingMessage> {
  const url = new URL(asked.url);
  refuseMetadata(url.hostname.replace(/^\[|\]$/g, ''));
  const { body, method, signal } = asked;
  const { authorization } = connections;
  const headers = {
    ...asked.headers,
    ...(authorization?.origin === url.origin ? { authorization: authorization.value } : {}),
    ...(body === undefined ? {} : { 'content-length': String(body.length) }),
  };
  const proxy = connections.proxyFor(url);
  if (proxy === undefined) {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const options = { method, headers, signal, lookup: connections.lookup };
    const request = open(url, options);
    return answerOf(request, body).catch((error: unknown) => {
      if (!wasClosedMeanwhile(request, error)) throw error;
      return answerOf(open(url, { ...options, agent: false }), body);
    });
  }
  // What a name is behind the proxy is the proxy's to know: names and literal addresses are checked, and no redirect is followed elsewhere.
  const way = { proxy, lookup: connections.proxyLookup, signal };
  const request = await requestThrough(url, { method, headers }, way);
  const response = await answerOf(request, body).catch((error: unknown) => {
    throw explained(way, error, url);
  });
  checkProxyAnswer(way, response, url);
  return response;
}

/** A connection that was kept open and that the server has closed while a pack was read (request.reusedSocket in Node's documentation). */
function wasClosedMeanwhile(request: ClientRequest, error: unknown): boolean {
  return request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
}

function answerOf(request: ClientRequest, body: Buffer | undefined): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.on('response', resolve).on('error', reject);
  request.end(body);
  return promise;
}

/**
 * Checks the very addresses that will be connected to: a name cannot lead to the metadata service, nor answer first with a
 * public address and then with an internal one (DNS rebinding).
 */
function guardedLookup(check: (host: string, address: string) => void): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, '', 0);
      try {
        for (const { address } of addresses) check(host, address);
      } catch (problem) {
        return done(problem as Error, '', 0);
      }
      const [first] = addresses;
      return options.all === true ? done(null, addresses) : done(null, first?.address ?? '', first?.family);
    });
  };
}

async function* bounded(response: IncomingMessage, budget: { left: number }): AsyncGenerator<Buffer, void> {
  for await (const chunk of response as AsyncIterable<Buffer>) {
    budget.left -= chunk.length;
    if (budget.left < 0) {
      response.destroy();
      const next = 'Give a narrower path, or clone it with git and give the absolute path of the clone instead.';
      throw new GitProblem('refused', 'the repository is larger than is read over the network', next);
    }
    yield chunk;
  }
}

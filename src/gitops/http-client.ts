/** The `http` that isomorphic-git is given: bounded in bytes, abortable, and never led to another host; used by `remote-repository.ts`. */
import { lookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git';
import { isMetadataAddress, isMetadataName } from '../core/net/metadata.ts';
import { GitProblem } from './git-problem.ts';

export interface HttpLimits {
  /** Over all responses of this client together. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function createHttpClient(limits: HttpLimits): HttpClient {
  const budget = { left: limits.maxBytes };
  // A renamed repository answers the discovery with a redirect; the pack is then asked for at the new base, as git does.
  let rebase = (url: string): string => url;
  return {
    async request(asked) {
      const first = rebase(asked.url);
      const { response, url } = await follow({ ...asked, url: first }, limits.signal);
      if (url !== first) rebase = rebaseTo(asked.url, url) ?? rebase;
      return toGitResponse(url, response, budget);
    },
  };
}

async function follow(asked: GitHttpRequest, signal: AbortSignal): Promise<{ response: IncomingMessage; url: string }> {
  let { url } = asked;
  for (let hops = 0; ; hops += 1) {
    const response = await send({ ...asked, url }, signal);
    const { location } = response.headers;
    if (!REDIRECTS.has(response.statusCode ?? 0) || location === undefined) return { response, url };
    response.destroy();
    url = checkRedirect(url, location, hops, asked.method ?? 'GET');
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

async function send(asked: GitHttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const url = new URL(asked.url);
  refuseMetadata(url.hostname.replace(/^\[|\]$/g, ''));
  const body = asked.body === undefined ? undefined : await collect(asked.body);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = { ...asked.headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) };
  const request = open(url, { method: asked.method ?? 'GET', headers, signal, lookup: guardedLookup });
  request.on('response', resolve).on('error', reject);
  request.end(body);
  return promise;
}

async function collect(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function refuseMetadata(host: string): void {
  if (!isMetadataAddress(host) && !isMetadataName(host.toLowerCase())) return;
  throw new GitProblem(
    'refused',
    `${host} is a cloud metadata endpoint, not a Git server`,
    'Give the URL of a Git server.',
  );
}

/** Checks the very address that will be connected to, so that a name cannot lead to the metadata service either. */
const guardedLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, '', 0);
    try {
      for (const { address } of addresses) refuseMetadata(address);
    } catch (problem) {
      return done(problem as Error, '', 0);
    }
    const [first] = addresses;
    return options.all === true ? done(null, addresses) : done(null, first?.address ?? '', first?.family);
  });
};

function toGitResponse(url: string, response: IncomingMessage, budget: { left: number }): GitHttpResponse {
  return {
    url,
    statusCode: response.statusCode ?? 0,
    statusMessage: response.statusMessage ?? '',
    headers: flatHeaders(response),
    body: bounded(response, budget),
  };
}

function flatHeaders(response: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
}

async function* bounded(response: IncomingMessage, budget: { left: number }): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of response as AsyncIterable<Buffer>) {
    budget.left -= chunk.length;
    if (budget.left < 0) {
      response.destroy();
      const next = 'Clone it with git and give the absolute path of the clone instead.';
      throw new GitProblem('refused', 'the repository is larger than is read over the network', next);
    }
    yield chunk;
  }
}

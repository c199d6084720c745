/** What the clients are made to meet in the lab's internet, and what a reader of their words should learn; used by `collect.ts`. */
import type { FailureClass } from '../../src/core/model/logs.ts';
import { proxyPort, sites } from '../lab/internet/zone.ts';

export interface Truth {
  readonly class: FailureClass;
  readonly host: string;
  readonly port: number;
  readonly address?: string;
  /** The proxy that spoke; it is the place where the words name no other. */
  readonly via?: { readonly host: string; readonly port: number; readonly address?: string };
}

export interface Case {
  readonly name: string;
  readonly url: string;
  /** Seconds that the client may wait, few where it waits in vain; `none`: then the kernel gives up, after two minutes. */
  readonly timeout: '3' | '20' | 'none';
  /** A name server that never answers. */
  readonly silentResolver?: true;
  readonly proxy?: string;
  readonly truth: Truth;
}

/** Where the presigned URL leads that the API hands out: its packets are lost, as by a policy. */
export const blocked = 'blocked.elsewhere.example';
export const silentAddress = addressOf('silent.matrix.example') ?? '';

/** Cases of silence. */
const patience = /^(?:connect-timeout|hello-silence|read-timeout|redirect-blocked)$/;

function addressOf(host: string): string | undefined {
  return sites.find((site) => site.name === host)?.address;
}

function caseOf(name: string, kind: FailureClass, url: string, more: Partial<Case> = {}): Case {
  const { hostname, port, protocol } = new URL(url);
  const address = addressOf(hostname);
  const usual = protocol === 'https:' ? 443 : 80;
  return {
    name,
    url,
    timeout: patience.test(name) ? '3' : '20',
    truth: { class: kind, host: hostname, port: Number(port) || usual, ...(address !== undefined && { address }) },
    ...more,
  };
}

/** Cases that any TCP client can meet on `port`; those that need a listener are on 443, where the lab has one. */
function anywhere(at: (host: string, port?: number) => string): readonly Case[] {
  return [
    caseOf('name-not-found', 'name_not_found', at('missing.matrix.example')),
    caseOf('servfail', 'lookup_failed', at('servfail.matrix.example')),
    caseOf('dns-refused', 'lookup_failed', at('refuses.matrix.example')),
    caseOf('dns-silent', 'lookup_failed', at('open.matrix.example'), { silentResolver: true }),
    caseOf('connect-timeout', 'connect_timeout', at('silent.matrix.example')),
    caseOf('connect-timeout-kernel', 'connect_timeout', at('silent.matrix.example'), { timeout: 'none' }),
    caseOf('refused', 'connect_refused', at('refused.matrix.example')),
    caseOf('reset', 'connection_reset', at('reset.matrix.example', 443)),
    caseOf('no-route', 'unreachable', at('no-route.matrix.example')),
  ];
}

const overTls: readonly Case[] = [
  caseOf('tls-expired', 'tls_failed', 'https://expired.matrix.example/exports/42.csv'),
  caseOf('tls-wrong-name', 'tls_failed', 'https://wrong-name.matrix.example/exports/42.csv'),
  caseOf('tls-stranger', 'tls_failed', 'https://stranger.matrix.example/exports/42.csv'),
  caseOf('hello-reset', 'connection_reset', 'https://hello-reset.matrix.example/exports/42.csv'),
  caseOf('hello-silence', 'tls_failed', 'https://hello-silence.matrix.example/exports/42.csv'),
];

function proxied(name: string): Case {
  const host = `${name}.matrix.example`;
  const address = addressOf(host);
  const via = { host, port: proxyPort, ...(address !== undefined && { address }) };
  const behind = caseOf(name, 'http_denied', 'https://open.matrix.example/exports/42.csv');
  return { ...behind, proxy: `http://${host}:${proxyPort}`, truth: { ...behind.truth, via } };
}

export const tlsWithoutHttp2: Case = caseOf('tls-no-http2', 'tls_failed', 'https://open.matrix.example');

export const webCases: readonly Case[] = [
  ...anywhere((host) => `https://${host}/exports/42.csv`),
  ...overTls,
  caseOf('read-timeout', 'read_timeout', 'http://hello-silence.matrix.example:443/exports/42.csv'),
  proxied('proxy-asks'),
  proxied('proxy-denies'),
  {
    ...caseOf('redirect-blocked', 'connect_timeout', 'https://redirects.matrix.example/presigned'),
    truth: { class: 'connect_timeout', host: blocked, port: 443, address: silentAddress },
  },
];

/** For clients of databases and brokers: without TLS on their own port, then with TLS. */
export function serviceCases(port: number, tls: boolean): readonly Case[] {
  return [
    ...anywhere((host, listening) => `http://${host}:${listening ?? port}`),
    caseOf('read-timeout', 'read_timeout', 'http://hello-silence.matrix.example:443'),
    ...(tls ? overTls.map((one) => ({ ...one, url: `${new URL(one.url).origin}:443` })) : []),
  ];
}

/** Whisker over real HTTP connections on this machine, as nginx in front of whisker-backend answers (whisker/docker-image/default.conf). */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dialling, type FakeRelay } from './fake-relay.ts';

export interface FakeWhisker extends Pick<FakeRelay, 'forward' | 'dialled'> {
  /** What was asked for, in order. */
  readonly asked: URL[];
  close(): void;
}

export type Answering = (response: ServerResponse, request: IncomingMessage) => void;

export async function startWhisker(answer: Answering): Promise<FakeWhisker> {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '/', 'http://localhost'));
    answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { asked, ...dialling(port), close };
}

/** What whisker-backend answers: with Go's nil slice for no flows. */
export const listing =
  (...items: readonly object[]): Answering =>
  (response) =>
    json(response, 200, { total: items.length, items: items.length === 0 ? null : items });

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

export function html(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/html' }).end('<html><h1>An error occurred.</h1></html>');
}

/** One entry as whisker-backend/pkg/apis/v1/flows.go, FlowResponse, writes it. */
export function rawFlow(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    start_time: '2026-11-24T11:59:15Z',
    end_time: '2026-11-24T11:59:45Z',
    action: 'Deny',
    source_name: 'checkout-7d9f8c6b5d-*',
    source_namespace: 'shop',
    source_labels: 'app=checkout | pod-template-hash=7d9f8c6b5d',
    dest_name: 'PUBLIC NETWORK',
    dest_namespace: '-',
    dest_labels: '',
    protocol: 'tcp',
    dest_port: 443,
    reporter: 'Src',
    policies: { enforced: [END_OF_TIER], pending: [END_OF_TIER] },
    packets_in: 0,
    packets_out: 4,
    bytes_in: 0,
    bytes_out: 240,
    ...more,
  };
}

/** No policy of the tier matched, so its end denies. */
export const END_OF_TIER = {
  kind: 'EndOfTier',
  name: '',
  namespace: '',
  tier: 'default',
  action: 'Deny',
  policy_index: 1,
  rule_index: -1,
  trigger: {
    kind: 'NetworkPolicy',
    name: 'checkout-egress',
    namespace: 'shop',
    tier: 'default',
    action: 'ActionUnspecified',
    policy_index: 0,
    rule_index: 0,
    trigger: null,
  },
};

export const rawHit = (more: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  kind: 'GlobalNetworkPolicy',
  name: 'block-all',
  namespace: '',
  tier: 'security',
  action: 'Deny',
  policy_index: 0,
  rule_index: 2,
  trigger: null,
  ...more,
});

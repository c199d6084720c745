/** What the client may say first on a connection: a mesh's proxy takes plain HTTP, TLS and everything else apart; for `istio.ts` and `linkerd.ts`. */
import type { Destination } from '../../model/destination.ts';

export type Speech = 'http' | 'tls' | 'tcp';

const TLS_PORTS: ReadonlySet<number> = new Set([443, 8443, 6443, 9443]);
const HTTP_PORTS: ReadonlySet<number> = new Set([80, 8080]);

/** On ports with no one usual protocol each is possible. */
export function speechesOf({ port, sni }: Destination): readonly Speech[] {
  if (sni !== undefined || TLS_PORTS.has(port)) return ['tls'];
  return HTTP_PORTS.has(port) ? ['http'] : ['tls', 'tcp', 'http'];
}

/** Clients send the name they were given; never an address (RFC 6066 §3). */
export function serverNameOf({ sni, host }: Destination): string | undefined {
  return sni ?? host;
}

export const SPOKEN: Readonly<Record<Speech, string>> = { http: 'plain HTTP', tls: 'TLS', tcp: 'another protocol' };

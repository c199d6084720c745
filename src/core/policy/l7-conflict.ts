/** Two L7 parsers on one peer and port: Cilium then keeps the endpoint's old policy altogether (policy-semantics §3.6). */
import type { PodPolicy } from './pod-policy.ts';
import type { PolicyRule } from './rule.ts';

const known = new WeakMap<PodPolicy, { readonly conflict: string | undefined }>();

/** The conflict in words; undefined when the rules can be merged. Worked out once a pod policy: every packet asks. */
export function l7Conflict(policy: PodPolicy): string | undefined {
  const answer = known.get(policy) ?? { conflict: findConflict(policy) };
  known.set(policy, answer);
  return answer.conflict;
}

function findConflict(policy: PodPolicy): string | undefined {
  const seen = new Map<string, { parser: string; rule: PolicyRule }>();
  for (const rule of policy.rules) {
    const parser = parserOf(rule);
    if (parser === undefined) continue;
    for (const key of keysOf(rule)) {
      const other = seen.get(key);
      if (other && other.parser !== parser)
        return `${rule.policy.name} ${rule.path} (${parser}) and ${other.rule.policy.name} ${other.rule.path} (${other.parser}) cannot be merged, so Cilium keeps the pod's previous policy`;
      seen.set(key, { parser, rule });
    }
  }
  return undefined;
}

function parserOf(rule: PolicyRule): string | undefined {
  if (rule.l7.dns) return 'dns';
  if (rule.l7.http) return 'http';
  return rule.l7.other ? 'other' : undefined;
}

/** Peer × protocol × port as Cilium keys its filters. */
function keysOf(rule: PolicyRule): string[] {
  if (rule.ports === 'any' || rule.ports === 'none' || rule.peers === 'none') return [];
  const peers = rule.peers === 'any' ? ['*'] : rule.peers.map((peer) => JSON.stringify(peerKey(peer.match)));
  const ports = rule.ports.flatMap((port) =>
    port.protocols.map((protocol) => `${protocol} ${JSON.stringify(port.port)}`),
  );
  return peers.flatMap((peer) => ports.map((port) => `${peer} ${port}`));
}

function peerKey(match: object): unknown {
  return Object.entries(match).map(([key, value]) => [key, key === 'cidr' || key === 'except' ? show(value) : value]);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}

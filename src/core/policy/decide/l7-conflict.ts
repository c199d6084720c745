/** Two L7 parsers on one peer and port: Cilium then keeps the endpoint's old policy altogether (policy-semantics §3.6). */
import type { PodPolicy } from '../rules/pod-policy.ts';
import type { L7, Peer, PolicyRule } from '../rules/rule.ts';

const known = new WeakMap<PodPolicy, { readonly conflict: string | undefined }>();

/** The conflict in words; undefined when the rules can be merged. Worked out once a pod policy: every packet asks. */
export function l7Conflict(policy: PodPolicy): string | undefined {
  if (!hasTwoParsers(policy.rules)) return undefined;
  const answer = known.get(policy) ?? { conflict: findConflict(policy) };
  known.set(policy, answer);
  return answer.conflict;
}

/** Few pods have rules of two kinds. */
function hasTwoParsers(rules: readonly PolicyRule[]): boolean {
  let first: string | undefined;
  for (const { l7 } of rules) {
    if (l7.parser !== undefined && first !== undefined && l7.parser !== first) return true;
    first ??= l7.parser;
  }
  return false;
}

function findConflict(policy: PodPolicy): string | undefined {
  const seen = new Map<string, PolicyRule[]>();
  for (const rule of policy.rules) {
    if (rule.l7.parser === undefined || rule.effect === 'deny') continue;
    for (const key of keysOf(rule)) {
      const before = seen.get(key) ?? [];
      const other = before.find((one) => conflicts(one.l7, rule.l7));
      if (other)
        return `${rule.policy.name} ${rule.path} (${rule.l7.parser}) and ${other.policy.name} ${other.path} (${other.l7.parser ?? ''}) cannot be merged, so Cilium keeps the pod's previous policy`;
      seen.set(key, [...before, rule]);
    }
  }
  return undefined;
}

/** pkg/policy/l4.go, L7ParserType.Merge: of two parsers only TLS gives way, and not to DNS or a listener. */
function conflicts(one: L7, other: L7): boolean {
  if (one.parser === other.parser) return false;
  const [tls, rest] = one.parser === 'tls' ? [one, other] : [other, one];
  if (tls.parser !== 'tls' || rest.parser === 'dns' || rest.parser === 'crd') return true;
  // Rules for requests beside a list of server names need terminated TLS (pkg/policy/rule.go, mergePortProto).
  return tls.serverNames.length > 0 && !tls.other && !rest.other;
}

/** Peer × protocol × port as Cilium keys its filters. */
function keysOf(rule: PolicyRule): string[] {
  if (rule.ports === 'any' || rule.ports === 'none' || rule.peers === 'none') return [];
  const peers = rule.peers === 'any' ? [EVERYTHING] : rule.peers.flatMap(peerKeys);
  const ports = rule.ports.flatMap((port) =>
    port.protocols.map((protocol) => `${protocol} ${port.text.split('/')[0] ?? ''}`),
  );
  return peers.flatMap((peer) => ports.map((port) => `${peer} ${port}`));
}

const EVERYTHING = '*';

/** Entities that stand for several selectors (pkg/policy/api/entity.go). */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  all: [EVERYTHING],
  world: ['world', 'world-ipv4', 'world-ipv6'],
  cluster: ['cluster', 'host', 'remote-node', 'init', 'ingress', 'health', 'unmanaged', 'kube-apiserver'],
};

function peerKeys({ match, text }: Peer): readonly string[] {
  if (match.kind === 'entity') return PARTS[match.entity] ?? [match.entity];
  // What only a function knows is told apart by its text.
  return [match.kind === 'where' || match.kind === 'all' ? text : JSON.stringify(match, bigintAsText)];
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** What a change lets through besides, and what to mind; measured on the state before and after it; asked by `propose.ts`. */

import { knownHost } from '../hops/known-host.ts';
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { PolicyChange } from '../model/evaluation.ts';
import type { Pod } from '../model/workload.ts';
import { cidrContains } from '../net/cidr.ts';
import { parseIp } from '../net/ip.ts';
import { isMetadataAddress } from '../net/metadata.ts';
import { policyName, refText, ruleRef } from '../policy/explain/sentences.ts';
import { podPolicyOf } from '../policy/rules/pod-policy.ts';
import type { PolicyRule } from '../policy/rules/rule.ts';
import { otherPods, type States } from './other-pods.ts';
import { isLookup, otherReach } from './other-reach.ts';
import { wideIn } from './wide.ts';

interface Effects {
  readonly alsoAllows: readonly string[];
  readonly warnings: readonly string[];
  /** Those of both, and what else, that open more than was asked for. */
  readonly needsConsent: readonly string[];
}

// oxlint-disable-next-line max-params -- the question, the two states it is asked in, and what lies between them
export function sideEffects(
  states: States,
  pod: Pod,
  destination: Destination,
  changes: readonly PolicyChange[],
): Effects {
  const pods = otherPods(states, pod, destination, changes);
  const reach = otherReach(states, pod, destination, changes);
  const shared = sharedOf(destination, changes);
  return {
    alsoAllows: [...pods.told, ...reach],
    warnings: [...shared, ...warningsOf(states.before, pod, destination, changes)],
    needsConsent: [
      ...shared,
      ...wideIn(changes),
      ...identities(destination),
      ...pods.strangers,
      ...reach.filter((line) => !isLookup(line)),
    ],
  };
}

function sharedOf({ host, cnames }: Destination, changes: readonly PolicyChange[]): string[] {
  const names = changes.some((change) => JSON.stringify(change.value)?.includes('matchName'));
  return names && host !== undefined && (cnames.length > 0 || isShared(host)) ? [sharedWarning(host, cnames)] : [];
}

function identities({ addresses }: Destination): string[] {
  return addresses
    .filter(isMetadataAddress)
    .map((address) => `${address} is a metadata or identity endpoint: behind it may be the credentials of the node`);
}

// oxlint-disable-next-line max-params -- see above
function warningsOf(
  state: ClusterState,
  pod: Pod,
  destination: Destination,
  changes: readonly PolicyChange[],
): string[] {
  const { host } = destination;
  const network = changes.some((change) => change.policy.kind === 'NetworkPolicy');
  const { selecting, rules } = podPolicyOf(state, pod);
  const invalid = selecting.filter((one) => one.enforcement.enforced !== 'no' && !one.translated.valid);
  return [
    ...(network && host !== undefined
      ? [
          'a NetworkPolicy knows addresses only: when the addresses of the name change, the rule must follow; a CiliumNetworkPolicy with toFQDNs would follow by itself (on Cilium)',
        ]
      : []),
    ...(changes.some(isException)
      ? [
          'the exception is for an address, not for the name: when the name moves, the deny holds again, and another host at the address is excepted',
        ]
      : []),
    ...rules.flatMap((rule) => leftOut(rule, destination)),
    ...invalid.map(
      (one) =>
        `${policyName(one.translated.ref)} also selects the pod and is not enforced (${one.translated.invalidReason ?? 'invalid'}); once repaired it may change the answer`,
    ),
  ];
}

/** A range that the address was taken out of: no deny, but perhaps a wish. */
function leftOut(rule: PolicyRule, { addresses, port }: Destination): string[] {
  if (rule.effect !== 'allow' || typeof rule.peers === 'string') return [];
  const parsed = addresses.flatMap((text) => parseIp(text) ?? []);
  const ranges = rule.peers.filter(
    ({ match }) =>
      match.kind === 'cidr' &&
      parsed.some((ip) => cidrContains(match.cidr, ip) && match.except.some((one) => cidrContains(one, ip))),
  );
  return ranges.map(
    (peer) =>
      `${refText(ruleRef(rule, peer))} leaves the address out: if that was meant, ask who wrote it before port ${port} is opened another way`,
  );
}

function isException({ path }: PolicyChange): boolean {
  return path.includes('egressDeny');
}

/** Behind a registry's or an API's own name stands that service alone. */
function isShared(host: string): boolean {
  const kind = knownHost(host)?.kind;
  return kind !== undefined && kind !== 'registry' && kind !== 'packages' && kind !== 'models';
}

function sharedWarning(host: string, cnames: readonly string[]): string {
  const via = cnames.length > 0 ? `, an alias of ${cnames.at(-1)},` : '';
  return `"${host}"${via} shares its servers with other names: by address they are let through too, on this port`;
}

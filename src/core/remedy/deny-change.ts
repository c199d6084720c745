/** An exception from a deny that names addresses, only where the deny's owner can be asked; used by `plans.ts`. */
import { lastWriter, trackingMarks } from '../drift/ownership.ts';
import type { ClusterState } from '../model/cluster-state.ts';
import type { PolicyChange } from '../model/evaluation.ts';
import type { ObjectMeta, ObjectRef } from '../model/object-meta.ts';
import type { CiliumCidrRule, CiliumEgressRule, CiliumPolicy } from '../model/policy.ts';
import { formatCidr, singleCidr } from '../net/cidr.ts';
import { formatIp } from '../net/ip.ts';
import { isMetadataAddress } from '../net/metadata.ts';
import { isCiliumKind, jsonPath } from '../policy/change/changes.ts';
import type { Trace } from '../policy/decide/decide.ts';
import { policyName } from '../policy/explain/sentences.ts';

/**
 * `except` for the address in an `egressDeny` by range. Nothing is taken out of denies by entity, label or name, of ordered tiers and
 * other engines, and of metadata addresses: those say more than one address, or are what somebody else decides.
 */
export function exceptFromDeny(state: ClusterState, { decidedBy, identity, layer }: Trace): readonly PolicyChange[] {
  const [deny] = decidedBy;
  const { ip } = identity;
  if (!deny || !ip || layer?.key.mode === 'ordered' || !isCiliumKind(deny.rule.policy)) return [];
  if (deny.peer?.match.kind !== 'cidr' || isMetadataAddress(formatIp(ip))) return [];
  const policy = ciliumPolicy(state, deny.rule.policy);
  if (policy === undefined || ownerOf(policy.meta) === undefined) return [];
  const address = formatCidr(singleCidr(ip));
  return edits({ policy, ref: deny.rule.policy, element: deny.rule.path }, deny.peer.path, address);
}

interface Place {
  readonly policy: CiliumPolicy;
  readonly ref: ObjectRef;
  /** e.g. `spec.egressDeny[0]`. */
  readonly element: string;
}

function edits(place: Place, peer: string, address: string): readonly PolicyChange[] {
  const path = jsonPath(place.element);
  const [list, index] = jsonPath(peer).slice(path.length);
  if (typeof index !== 'number') return [];
  const stored = elementAt(place.policy, path);
  const at = { path, index, address, base: { policy: place.ref, why: `excepts ${address} from this deny` } };
  if (list === 'toCIDRSet') return fromSet(stored?.toCIDRSet?.[index], at);
  return list === 'toCIDR' ? fromList(stored?.toCIDR ?? [], at) : [];
}

interface At {
  readonly path: readonly (string | number)[];
  readonly index: number;
  readonly address: string;
  readonly base: Pick<PolicyChange, 'policy' | 'why'>;
}

/** Not of a group that other policies share, and not of the address itself. */
function fromSet(entry: CiliumCidrRule | undefined, { path, index, address, base }: At): readonly PolicyChange[] {
  if (entry?.cidr === undefined || entry.cidr === address) return [];
  return [{ ...base, op: 'add', path: [...path, 'toCIDRSet', index, 'except', '-'], value: address }];
}

function fromList(ranges: readonly string[], { path, index, address, base }: At): readonly PolicyChange[] {
  // A list without entries would select nothing, and void the element.
  if (ranges[index] === address)
    return ranges.length === 1 ? [] : [{ ...base, op: 'remove', path: [...path, 'toCIDR', index] }];
  const value = ranges.map((cidr, at) => (at === index ? { cidr, except: [address] } : { cidr }));
  // An element has one of the two, never both (pkg/policy/api/rule_validation.go).
  return [
    { ...base, op: 'add', path: [...path, 'toCIDRSet'], value },
    { ...base, op: 'remove', path: [...path, 'toCIDR'], why: `${base.why} (toCIDR takes no exceptions)` },
  ];
}

function elementAt({ rules }: CiliumPolicy, path: readonly (string | number)[]): CiliumEgressRule | undefined {
  const [root, number] = path;
  const name = root === 'specs' ? `specs[${number}]` : 'spec';
  const at = path.at(-1);
  return typeof at === 'number' ? rules.find((one) => one.path === name)?.rule.egressDeny?.[at] : undefined;
}

function ciliumPolicy({ policies }: ClusterState, ref: ObjectRef): CiliumPolicy | undefined {
  return policies.find(
    (one): one is CiliumPolicy =>
      one.kind === ref.kind &&
      'rules' in one &&
      one.meta.name === ref.name &&
      (one.kind === 'CiliumClusterwideNetworkPolicy' || one.meta.namespace === ref.namespace),
  );
}

/** Who has the say: what tracks the object, else who wrote it last. */
function ownerOf(meta: ObjectMeta): string | undefined {
  const [mark] = trackingMarks(meta);
  if (mark !== undefined) return mark;
  const writer = lastWriter(meta.managers);
  return writer && `${writer.manager}, which wrote it last`;
}

/** Whose consent the changes need; undefined where they take nothing from a deny. */
export function consentFor(state: ClusterState, changes: readonly PolicyChange[]): string | undefined {
  const narrowed = changes.find(({ path }) => path.includes('egressDeny'));
  const policy = narrowed && ciliumPolicy(state, narrowed.policy);
  const owner = policy && ownerOf(policy.meta);
  if (narrowed === undefined || owner === undefined) return undefined;
  return `the change weakens a deny of ${policyName(narrowed.policy)}, which may be meant: its owner (${owner}) has to agree before anything else`;
}

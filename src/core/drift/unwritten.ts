/** What an apply of Flux makes of the fields that Git does not write: whoever owns them decides; for `forecast-flux.ts`; `argo-differences.ts` asks of single fields. */
import type { FieldManager } from '../model/object-meta.ts';
import { MERGED, switchOn, switchText } from './controls.ts';
import type { SyncQuestion } from './owned.ts';
import { plain } from './plain.ts';
import type { Basis } from './same-source.ts';

export interface Unwritten {
  /** `goes`: at least one of them does. */
  readonly state: 'goes' | 'stays' | 'unknown';
  readonly because: string;
}

/** Lists are replaced as a whole: those of policies are atomic (no x-kubernetes-list-type in their CRDs, +listType=atomic in networking/v1). */
export function unwrittenAfter(question: SyncQuestion, basis: Basis): Unwritten | undefined {
  const paths = question.git?.unwritten ?? [];
  if (paths.length === 0) return undefined;
  const merged = switchOn(MERGED, question.live, question.git?.controls);
  const managers = (question.live?.managers ?? []).filter(({ subresource }) => subresource === undefined);
  if (!managers.some(({ owns }) => owns !== undefined))
    return withoutFields(managers, { paths, merged: merged !== undefined, basis });
  const isApplier = merged === undefined ? isTakenOver : isOwn;
  const fates = paths.map((path) => ({ path, ...fateOf(path, managers, isApplier) }));
  const going = fates.filter(({ state }) => state === 'goes').map(({ path }) => path);
  if (going.length > 0)
    return { state: 'goes', because: `Git does not write ${going.join(', ')}, which no other manager owns` };
  const unknown = fates.filter(({ state }) => state === 'unknown').map(({ path }) => path);
  if (unknown.length > 0)
    return {
      state: 'unknown',
      because: `Git does not write ${unknown.join(', ')}, and metadata.managedFields names no owner of it`,
    };
  const owners = [...new Set(fates.flatMap((fate) => fate.owners))].map((owner) => plain(owner)).join(', ');
  const why = merged === undefined ? '' : `it has ${switchText(merged)}, and `;
  return { state: 'stays', because: `${why}${paths.join(', ')}, which Git does not write, belongs to ${owners}` };
}

interface Without {
  readonly paths: readonly string[];
  readonly merged: boolean;
  readonly basis: Basis;
}

/** Where field sets were not recorded, names alone decide, as far as they can. */
function withoutFields(managers: readonly FieldManager[], { paths, merged, basis }: Without): Unwritten {
  const fields = paths.join(', ');
  // Of what was applied already the controller owns nothing that Git does not write.
  if (merged && basis.state === 'applied')
    return { state: 'stays', because: `it has ssa: Merge: ${fields}, which Git does not write, stays` };
  const others = managers.filter((manager) => !(merged ? isOwn(manager) : isTakenOver(manager)));
  if (others.length === 0)
    return { state: 'goes', because: `what kubectl set is taken over, and Git does not write ${fields}` };
  const names = [...new Set(others.map(({ manager }) => plain(manager)))].join(', ');
  return {
    state: 'unknown',
    because: `Git does not write ${fields}: it goes unless another manager (${names}) owns it, which metadata.managedFields shows`,
  };
}

type Fate = { readonly state: Unwritten['state']; readonly owners: readonly string[] };

/** Kubernetes docs, "Server-Side Apply": a field that the applier owned and leaves out is removed unless another manager owns it as well. */
export function fateOf(
  path: string,
  managers: readonly FieldManager[],
  isApplier: (manager: FieldManager) => boolean,
): Fate {
  const owners = managers.filter(({ owns = [] }) => owns.some((owned) => isRelated(owned, path)));
  const others = owners.filter((owner) => !isApplier(owner)).map(({ manager }) => manager);
  if (owners.length === 0) return { state: 'unknown', owners: [] };
  return { state: others.length === 0 ? 'goes' : 'stays', owners: others };
}

/** One is the other, or a part of it; lists are owned as a whole, so an index says nothing. */
function isRelated(owned: string, path: string): boolean {
  const whole = path.replace(/\[\d+\]/g, '');
  return owned === whole || owned.startsWith(`${whole}.`) || whole.startsWith(`${owned}.`);
}

const CONTROLLER = 'kustomize-controller';

function isOwn({ manager, operation }: FieldManager): boolean {
  return manager === CONTROLLER && operation === 'Apply';
}

/**
 * Made its own by the controller before it applies, so that what they set and Git does not have goes (FieldManagers in apply of
 * kustomization_controller.go; matchFieldManager in fluxcd/pkg ssa/patch.go goes by prefix). Cilium's own write status alone.
 */
function isTakenOver(entry: FieldManager): boolean {
  const { manager, operation } = entry;
  if (manager.startsWith('kubectl') || isOwn(entry)) return true;
  if (operation === 'Update' && (manager.startsWith('before-first-apply') || manager.startsWith(CONTROLLER)))
    return true;
  return /^cilium(-operator|-agent)?(-|$)/.test(manager);
}

/**
 * Which differences of a policy a Kustomization is told to ignore (spec.ignore); for `forecast-flux.ts`. What is ignored keeps the value that it
 * has in the cluster, whatever else is applied (applyDriftResult in fluxcd/pkg ssa/manager_apply.go).
 */
import type { FluxKustomization } from '../model/sync.ts';
import { isInside } from './json-pointer.ts';
import type { Owned } from './owned.ts';

export interface Ignores {
  readonly covers: (path: string) => boolean;
  /** A rule that may be about this object is written in a way that is not evaluated here. */
  readonly isUnknown: boolean;
}

export function fluxIgnores({ ignore = [] }: FluxKustomization, owned: Owned): Ignores {
  const rules = ignore.filter(({ target }) => mayMatch(target, owned));
  const pointers = rules.flatMap(({ paths }) => paths);
  return {
    covers: (path) => pointers.some((pointer) => isInside(path, pointer)),
    isUnknown: rules.some(
      ({ target }) => Object.values(target).some((pattern) => !isLiteral(pattern)) || target.selects,
    ),
  };
}

type Target = NonNullable<FluxKustomization['ignore']>[number]['target'];

/** Its fields are regular expressions for the whole text (SelectorRegex in ssa/jsondiff/selector.go); most are plain names. */
function mayMatch({ group, kind, name, namespace }: Target, { policy, group: own }: Owned): boolean {
  const parts: readonly [string | undefined, string | undefined][] = [
    [group, own],
    [kind, policy.kind],
    [name, policy.name],
    [namespace, policy.namespace],
  ];
  return parts.every(([pattern, value]) => pattern === undefined || !isLiteral(pattern) || pattern === value);
}

const isLiteral = (pattern: unknown): boolean => typeof pattern !== 'string' || /^[\w.-]+$/.test(pattern);

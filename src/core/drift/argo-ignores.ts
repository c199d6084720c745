/** Which differences of a policy an Application is told to ignore; for `forecast-argo.ts`. After util/argo/normalizers/diff_normalizer.go of argo-cd. */
import type { ArgoApplication } from '../model/sync.ts';
import { isInside } from './json-pointer.ts';
import type { Owned } from './owned.ts';

export interface Ignores {
  readonly covers: (path: string) => boolean;
  /** A rule for this object is written in a way that is not evaluated here. */
  readonly unknown?: string;
}

export function argoIgnores({ ignoreDifferences, object }: ArgoApplication, { policy, group }: Owned): Ignores {
  const rules = ignoreDifferences.filter(
    (rule) =>
      isMatch(rule.group, group) &&
      isMatch(rule.kind, policy.kind) &&
      (rule.name === undefined || rule.name === policy.name) &&
      (rule.namespace === undefined || rule.namespace === policy.namespace),
  );
  const pointers = rules.flatMap(({ jsonPointers }) => jsonPointers);
  const opaque = rules.some((rule) => rule.jqPathExpressions.length > 0 || rule.managers.length > 0);
  return {
    covers: (path) => pointers.some((pointer) => isInside(path, pointer)),
    ...(opaque
      ? {
          unknown: `Application ${object.name} ignores differences of it by jq or by manager (spec.ignoreDifferences), which is not evaluated`,
        }
      : {}),
  };
}

/** Groups and kinds are globs there; only `*` is common. */
function isMatch(pattern: string, value: string): boolean {
  return pattern === '*' || pattern === value;
}

/** Says when two requests ask for the same thing, for recording and replay alike. */
import type { PolicyChange } from '../core/model/evaluation.ts';
import type { PodRef } from '../core/model/probe.ts';
import type { RepositoryRef } from '../ports/gitops-source.ts';

export function samePod(a: PodRef, b: PodRef): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
}

/** Without the reasons: they are prose and may change between versions. */
export function changesKey(changes: readonly PolicyChange[]): string {
  return canonical(changes.map(({ policy, op, path, value }) => ({ policy, op, path, value })));
}

/** Credentials in a URL are no part of which repository is meant, and are not written down; nor does it matter whose history was asked for beside it. */
export function withoutCredentials(repo: RepositoryRef): RepositoryRef {
  const { history: _history, rendering, ...rest } = repo;
  // Values of charts and variables, and patches, may hold secrets; of one state of the cluster the folder tells them.
  const { targetNamespace, directory } = rendering ?? {};
  const kept = { ...(targetNamespace !== undefined && { targetNamespace }), ...(directory && { directory }) };
  const how = Object.keys(kept).length > 0 ? { rendering: kept } : {};
  return { ...rest, ...how, repository: repo.repository.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1') };
}

export function sameRepository(a: RepositoryRef | undefined, b: RepositoryRef | undefined): boolean {
  return canonical(a && withoutCredentials(a)) === canonical(b && withoutCredentials(b));
}

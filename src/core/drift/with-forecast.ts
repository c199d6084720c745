/** The drift report with what the cluster's GitOps controllers will make of each policy; called by `diagnose` once both were read. */
import type { DriftReport, PolicyDrift } from '../model/drift.ts';
import type { PatchablePolicy } from '../model/policy.ts';
import type { SyncState } from '../model/sync.ts';
import { foretold } from './consequence.ts';
import { forecast } from './forecast.ts';
import { API_VERSIONS, toManifest } from './manifest.ts';
import { folderOf } from './rendering.ts';

export interface ForecastInput {
  readonly live: readonly PatchablePolicy[];
  readonly sync: SyncState;
  /** Folder that was compared; empty for the whole repository. */
  readonly path: string;
}

export function withForecast(report: DriftReport, { live, sync, path }: ForecastInput): DriftReport {
  const { repository, ref, commit, skipped, relations, rendered, asApplied } = report;
  const compared = {
    repository,
    ref,
    commit,
    skipped,
    ...(relations && { relations }),
    ...(rendered && { rendered }),
    ...(asApplied && { asApplied }),
    path: folderOf(path),
  };
  const policies = report.policies.map((drift): PolicyDrift => {
    const { policy, kind, differences, git, file } = drift;
    const object = live.find((one) => isSame(one, policy));
    const question = {
      policy,
      group: groupOf(policy.kind as PatchablePolicy['kind']),
      kind,
      differences,
      compared,
      ...(object && { live: object.meta }),
      ...(git && { git }),
      ...(file && { file: file.path }),
    };
    const told = forecast(question, sync);
    return { ...drift, forecast: told, consequence: foretold(drift, told, object && toManifest(object).manifest) };
  });
  return { ...report, policies };
}

export function groupOf(kind: PatchablePolicy['kind']): string {
  return API_VERSIONS[kind].split('/')[0] ?? '';
}

function isSame(one: PatchablePolicy, { kind, name, namespace }: PolicyDrift['policy']): boolean {
  return one.kind === kind && one.meta.name === name && one.meta.namespace === namespace;
}

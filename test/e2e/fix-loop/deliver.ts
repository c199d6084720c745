/** From the repository to the cluster: Flux fetches what was pushed and applies each scenario's folder. */
import { join } from 'node:path';
import type { TestCluster } from '../support/cluster.ts';
import { applyKustomization, applySource, reconcile, waitApplied } from '../support/flux.ts';
import { createLabRepo, type LabRepo } from '../support/lab-git.ts';
import { pooled } from './pooled.ts';
import { placeOf, type Scenario } from './scenario.ts';
import { ELSEWHERE } from './stage.ts';

const AT_A_TIME = 6;

export const folderOf = ({ name }: Scenario): string => `clusters/lab/${name}`;

/** The folder that Flux is told. */
export function appliedFolder(scenario: Scenario): string {
  return join(folderOf(scenario), scenario.applied ?? '');
}

const SOURCE = { namespace: ELSEWHERE, name: 'fix-loop' };
const kustomizationOf = ({ name }: Scenario) => ({ namespace: ELSEWHERE, name });

/** One repository for all, with a Kustomization for each; their namespace goes last, so that it prunes what it has applied. */
export async function openRepository(cluster: TestCluster, scenarios: readonly Scenario[]): Promise<LabRepo> {
  const repo = createLabRepo('fix-loop', Object.fromEntries(scenarios.flatMap(filesOf)));
  await applySource(cluster, SOURCE, repo.clusterUrl);
  const sourceRef = { kind: 'GitRepository', name: SOURCE.name };
  await pooled(AT_A_TIME, scenarios, (one) =>
    applyKustomization(cluster, kustomizationOf(one), { path: `./${appliedFolder(one)}`, sourceRef }),
  );
  await deliver(cluster, repo.commit({}), scenarios);
  return repo;
}

function filesOf(scenario: Scenario): [string, string][] {
  const files = Object.entries(scenario.files(placeOf(scenario)));
  return files.map(([file, text]) => [`${folderOf(scenario)}/${file}`, text]);
}

export async function deliver(cluster: TestCluster, commit: string, scenarios: readonly Scenario[]): Promise<void> {
  await reconcile(cluster, 'GitRepository', SOURCE);
  await pooled(AT_A_TIME, scenarios, (one) => waitApplied(cluster, kustomizationOf(one), commit));
}

/** From the repository to the cluster. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestCluster } from '../support/cluster.ts';
import type { PolicyRepo } from '../support/git.ts';
import { pooled } from './pooled.ts';
import type { Scenario } from './scenario.ts';
import { kubectl } from './stage.ts';

export const folderOf = ({ name }: Scenario): string => `clusters/lab/${name}`;

/** The folder that a controller is told. */
export function appliedFolder(scenario: Scenario): string {
  return join(folderOf(scenario), scenario.applied ?? '');
}

export async function deliver(cluster: TestCluster, repo: PolicyRepo, scenarios: readonly Scenario[]): Promise<void> {
  await pooled(4, scenarios, async (scenario) => {
    const folder = join(repo.dir, appliedFolder(scenario));
    const what = existsSync(join(folder, 'kustomization.yaml')) ? ['-k', folder] : ['-R', '-f', folder];
    await kubectl(cluster, ['apply', '--server-side', '--force-conflicts', '--field-manager=deliver', ...what]);
  });
}

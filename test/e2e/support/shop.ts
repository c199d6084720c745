/** Stages the first scenario: checkout calls an allowed API that hands out a presigned URL on a host that no rule names. */
import { readFileSync } from 'node:fs';
import { applyFile, applyYaml, deleteNamespace, eventually, podLog, type TestCluster, waitReady } from './cluster.ts';
import { createRepo, type PolicyRepo } from './git.ts';

export const SHOP_FILE = 'clusters/lab/shop/checkout-egress.yaml';

export interface Shop {
  readonly pod: { readonly namespace: string; readonly name: string };
  readonly repo: PolicyRepo;
}

/** Returns once the application has run into its failure and logged it. */
export async function stageShop(cluster: TestCluster): Promise<Shop> {
  const policy = readFileSync('test/e2e/scenarios/shop/checkout-egress.yaml', 'utf8');
  await deleteNamespace(cluster, 'shop');
  await applyYaml(cluster, 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n');
  await applyYaml(cluster, policy);
  await applyFile(cluster, 'test/e2e/scenarios/shop/app.yaml');
  const pod = { namespace: 'shop', name: await waitReady(cluster, 'shop', 'app=checkout') };
  const repo = createRepo({ [SHOP_FILE]: policy, 'README.md': '# policies\n' });
  await eventually('the application has logged its failure', 60_000, async () =>
    (await podLog(cluster, pod)).includes("HTTPSConnectionPool(host='files.vendor.example'") ? true : undefined,
  );
  return { pod, repo };
}

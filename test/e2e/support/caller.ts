/** A waiting pod named `caller` in a fresh namespace, under the given policies. */
import { applyFile, applyYaml, deleteNamespace, type TestCluster, waitReady } from './cluster.ts';

export async function stageCaller(
  cluster: TestCluster,
  namespace: string,
  policies: string,
  image = 'lab/python:1',
): Promise<{ readonly namespace: string; readonly name: string }> {
  await deleteNamespace(cluster, namespace);
  await applyYaml(cluster, `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${namespace} }\n`);
  if (policies !== '') await applyYaml(cluster, policies);
  await applyFile(cluster, 'test/e2e/scenarios/sleeper.yaml', { NAMESPACE: namespace, IMAGE: image });
  return { namespace, name: await waitReady(cluster, namespace, 'app=caller') };
}

/** Stages an upgrade that moves downloads from an allowed API to a bucket: a Deployment's first revision works, its second does not. */
import { readFileSync } from 'node:fs';
import { applyFile, applyYaml, deleteNamespace, eventually, podLog, type TestCluster, waitReady } from './cluster.ts';

const FOLDER = 'test/e2e/scenarios/sdk-upgrade';

export interface SdkUpgrade {
  readonly namespace: string;
  readonly code: 'boto3' | 'aws-sdk-js';
  readonly apiHost: string;
  readonly bucketHost: string;
  readonly before: { readonly image: string; readonly command: readonly string[] };
  readonly after: { readonly image: string; readonly command: readonly string[] };
}

export const BOTO3: SdkUpgrade = {
  namespace: 'sdk-boto3',
  code: 'boto3',
  apiHost: 'api.exports.example',
  bucketHost: 'shop-exports.s3.eu-central-1.amazonaws.com',
  before: { image: 'lab/python:1', command: ['python3', '-u', '/code/before.py'] },
  after: { image: 'lab/sdks:1', command: ['python3', '-u', '/code/after.py'] },
};

export const AWS_SDK_JS: SdkUpgrade = {
  namespace: 'sdk-js',
  code: 'aws-sdk-js',
  apiHost: 'api.reports.example',
  bucketHost: 'shop-reports.s3.eu-west-3.amazonaws.com',
  before: { image: 'lab/node-slim:1', command: ['node', '/code/before.mjs'] },
  after: { image: 'lab/sdks:1', command: ['node', '/code/after.mjs'] },
};

/** As it lies in Git and in the cluster. */
export function policyOf({ namespace, apiHost }: SdkUpgrade): string {
  return readFileSync(`${FOLDER}/policy.yaml`, 'utf8').replace('NAMESPACE', namespace).replace('API_HOST', apiHost);
}

/** The pod of the second revision, once it has logged its failure; the first one's was seen to work. */
export async function stageUpgrade(cluster: TestCluster, upgrade: SdkUpgrade): Promise<string> {
  const { namespace } = upgrade;
  await deleteNamespace(cluster, namespace);
  await applyYaml(cluster, `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${namespace} }\n`);
  await applyYaml(cluster, policyOf(upgrade));
  await applyFile(cluster, `${FOLDER}/${upgrade.code}.yaml`, { NAMESPACE: namespace });
  await rollOut(cluster, namespace, upgrade.before, 'export has');
  return rollOut(cluster, namespace, upgrade.after, 'export failed');
}

async function rollOut(
  cluster: TestCluster,
  namespace: string,
  { image, command }: SdkUpgrade['before'],
  says: string,
): Promise<string> {
  const words = { NAMESPACE: namespace, IMAGE: image, COMMAND: JSON.stringify(command) };
  await applyFile(cluster, `${FOLDER}/deployment.yaml`, words);
  return eventually(`${image} in ${namespace} has logged "${says}"`, 90_000, async () => {
    const name = await waitReady(cluster, namespace, 'app=exporter');
    return (await podLog(cluster, { namespace, name })).includes(says) ? name : undefined;
  });
}

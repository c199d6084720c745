/** Identities that hold certain rights and no other, as kubeconfigs. */
import { writeFileSync } from 'node:fs';
import * as k8s from '@kubernetes/client-node';
import type { TestCluster } from '../support/cluster.ts';

export type Rule = { apiGroups: string[]; resources: string[]; verbs: string[] };

export interface Rights {
  /** Of a service account, of its roles, and unique in the cluster. */
  readonly name: string;
  readonly everywhere?: readonly Rule[];
  readonly within: Readonly<Record<string, readonly Rule[]>>;
}

/** get and create, for exec and port-forward. */
export const session = (resource: string): Rule => ({
  apiGroups: [''],
  resources: [resource],
  verbs: ['get', 'create'],
});

const apiGroup = 'rbac.authorization.k8s.io';

/** The service account lives in `namespace`, which takes it along when it is deleted; roles elsewhere are for `withdraw`. */
export async function grant(cluster: TestCluster, namespace: string, rights: Rights, file: string): Promise<void> {
  const { name } = rights;
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  const rbac = cluster.config.makeApiClient(k8s.RbacAuthorizationV1Api);
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const metadata = { name };
  await withdraw(cluster, rights);
  await core.createNamespacedServiceAccount({ namespace, body: { metadata } });
  for (const [where, rules] of Object.entries(rights.within)) {
    await rbac.createNamespacedRole({ namespace: where, body: { metadata, rules: [...rules] } });
    const roleRef = { apiGroup, kind: 'Role', name };
    await rbac.createNamespacedRoleBinding({ namespace: where, body: { metadata, roleRef, subjects } });
  }
  if (rights.everywhere) {
    await rbac.createClusterRole({ body: { metadata, rules: [...rights.everywhere] } });
    await rbac.createClusterRoleBinding({
      body: { metadata, roleRef: { apiGroup, kind: 'ClusterRole', name }, subjects },
    });
  }
  const token = await core.createNamespacedServiceAccountToken({
    name,
    namespace,
    body: { spec: { audiences: [], expirationSeconds: 600 } },
  });
  writeFileSync(file, kubeconfig(cluster, name, token.status?.token ?? ''));
}

function kubeconfig({ config: { clusters } }: TestCluster, name: string, token: string): string {
  const config = new k8s.KubeConfig();
  config.loadFromOptions({
    clusters,
    users: [{ name, token }],
    contexts: [{ name, user: name, cluster: clusters[0]?.name ?? '' }],
    currentContext: name,
  });
  return config.exportConfig();
}

export async function withdraw(cluster: TestCluster, { name, within }: Rights): Promise<void> {
  const rbac = cluster.config.makeApiClient(k8s.RbacAuthorizationV1Api);
  const gone = [
    rbac.deleteClusterRole({ name }),
    rbac.deleteClusterRoleBinding({ name }),
    ...Object.keys(within).flatMap((namespace) => [
      rbac.deleteNamespacedRole({ namespace, name }),
      rbac.deleteNamespacedRoleBinding({ namespace, name }),
    ]),
  ];
  await Promise.allSettled(gone);
}

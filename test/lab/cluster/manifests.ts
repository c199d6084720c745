// Pieces of Kubernetes objects that more than one of the lab's own workloads needs.

export interface Volume {
  readonly name: string;
  /** Where it is mounted. */
  readonly at: string;
  /** On the node; or else the name of a ConfigMap or a Secret. */
  readonly path?: string;
  readonly configMap?: string;
  readonly secret?: string;
  readonly type?: 'DirectoryOrCreate' | 'FileOrCreate';
  readonly propagation?: 'Bidirectional' | 'HostToContainer';
  readonly readOnly?: boolean;
}

function source(volume: Volume): object {
  if (volume.configMap !== undefined) return { configMap: { name: volume.configMap } };
  if (volume.secret !== undefined) return { secret: { secretName: volume.secret } };
  return { hostPath: { path: volume.path, ...(volume.type === undefined ? {} : { type: volume.type }) } };
}

function mount(volume: Volume): object {
  return {
    name: volume.name,
    mountPath: volume.at,
    ...(volume.readOnly === undefined ? {} : { readOnly: volume.readOnly }),
    ...(volume.propagation === undefined ? {} : { mountPropagation: volume.propagation }),
  };
}

export function volumes(list: readonly Volume[]): { podVolumes: object[]; mounts: object[] } {
  return { podVolumes: list.map((volume) => ({ name: volume.name, ...source(volume) })), mounts: list.map(mount) };
}

export function serviceAccount(name: string, namespace: string): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
}

export function bindClusterRole(role: string, account: string, namespace: string): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: account },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  };
}

/** A service account that may do everything, where a minimal role would only be something more to keep up with. */
export function clusterAdmin(account: string, namespace: string): object[] {
  return [serviceAccount(account, namespace), bindClusterRole('cluster-admin', account, namespace)];
}

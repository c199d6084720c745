/** Hubble Relays beside the cluster's own, as Cilium's chart sets them with TLS switched on, and a connection that finds one of them. */
import * as k8s from '@kubernetes/client-node';
import { dump } from 'js-yaml';
import type { ForwardingConnection } from '../../../src/kube/connection.ts';
import { selfSigned } from '../../unit/support/self-signed.ts';
import { type TestCluster, waitReady } from '../support/cluster.ts';

/** Helm: hubble.relay.tls.server.enabled, and with hubble.relay.tls.server.mtls. */
export type Security = 'server' | 'mutual';

const SYSTEM = 'kube-system';
const LABEL = { 'k8s-app': 'hubble-relay' };
const FOLDER = '/etc/hubble-relay';

/** Its image and its settings are those of the cluster's own relay. Names of the settings: hubble-relay/cmd/serve/serve.go. */
export async function startRelay(cluster: TestCluster, namespace: string, security: Security): Promise<void> {
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  const own = (await core.listNamespacedPod({ namespace: SYSTEM, labelSelector: 'k8s-app=hubble-relay' })).items[0];
  const settings = await core.readNamespacedConfigMap({ namespace: SYSTEM, name: 'hubble-relay-config' });
  const config = (settings.data?.['config.yaml'] ?? '').replace(/^disable-server-tls:.*\n/m, '');
  const { key, cert } = selfSigned('ui.hubble-relay.cilium.io');
  const tls = {
    'tls-relay-server-cert-file': `${FOLDER}/server.crt`,
    'tls-relay-server-key-file': `${FOLDER}/server.key`,
    ...(security === 'mutual' && { 'tls-relay-client-ca-files': `${FOLDER}/server.crt` }),
  };
  const name = `relay-${security}`;
  const files = { 'config.yaml': config + dump(tls), 'server.crt': cert, 'server.key': key };
  await core.createNamespacedSecret({ namespace, body: { metadata: { name }, stringData: files } });
  const container = {
    name: 'hubble-relay',
    image: own?.spec?.containers[0]?.image ?? '',
    imagePullPolicy: 'IfNotPresent',
    args: ['serve'],
    ports: [{ name: 'grpc', containerPort: 4245 }],
    readinessProbe: { grpc: { port: 4222 }, periodSeconds: 1 },
    volumeMounts: [{ name: 'files', mountPath: FOLDER, readOnly: true }],
  };
  const spec = {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    containers: [container],
    volumes: [{ name: 'files', secret: { secretName: name } }],
  };
  await core.createNamespacedPod({ namespace, body: { metadata: { name, labels: { ...LABEL, security } }, spec } });
  await waitReady(cluster, namespace, `security=${security}`);
}

/** Knows no relay but that one. */
export function onlyRelay(kube: ForwardingConnection, namespace: string, security: Security): ForwardingConnection {
  const labelSelector = `k8s-app=hubble-relay,security=${security}`;
  return {
    ...kube,
    get: (path, query, signal) =>
      path === '/api/v1/pods' && query['labelSelector'] === 'k8s-app=hubble-relay'
        ? kube.get(`/api/v1/namespaces/${namespace}/pods`, { labelSelector }, signal)
        : kube.get(path, query, signal),
  };
}

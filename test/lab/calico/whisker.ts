// Goldmane, which collects the flows of all nodes, and Whisker in front of it, as Calico's operator sets them up (tigera/operator, pkg/render).
import { serviceAccount, type Volume, volumes } from '../cluster/manifests.ts';
import { bundle, secrets } from './identity.ts';
import { calicoImageNames } from './images.ts';
import { namespace } from './objects.ts';

const goldmanePort = 7443;
const whiskerPort = 8081;
const backendPort = 3002;

const trusted: Volume = { name: 'ca-bundle', configMap: bundle.configMap, at: bundle.at, readOnly: true };
const caPath = `${bundle.at}/${bundle.file}`;

function certificate(secret: string): Volume {
  return { name: secret, secret, at: `/${secret}`, readOnly: true };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly mounts?: readonly object[];
}

function container({ name, image, port, env = {}, mounts = [] }: Container): object {
  return {
    name,
    image,
    imagePullPolicy: 'Never',
    env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
    volumeMounts: mounts,
  };
}

function deployment(name: string, containers: readonly object[], podVolumes: readonly object[]): object[] {
  const labels = { 'k8s-app': name, 'app.kubernetes.io/name': name };
  const spec = {
    serviceAccountName: name,
    terminationGracePeriodSeconds: 1,
    tolerations: [{ operator: 'Exists' }],
    containers,
    volumes: podVolumes,
  };
  const selector = { matchLabels: { 'k8s-app': name } };
  return [
    serviceAccount(name, namespace),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: { replicas: 1, strategy: { type: 'Recreate' }, selector, template: { metadata: { labels }, spec } },
    },
  ];
}

function service(name: string, port: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { 'k8s-app': name } },
    spec: { selector: { 'k8s-app': name }, ports: [{ port, protocol: 'TCP' }] },
  };
}

export function goldmaneObjects(): readonly object[] {
  const { podVolumes, mounts } = volumes([trusted, certificate(secrets.goldmane)]);
  const env = {
    LOG_LEVEL: 'INFO',
    PORT: String(goldmanePort),
    SERVER_CERT_PATH: `/${secrets.goldmane}/tls.crt`,
    SERVER_KEY_PATH: `/${secrets.goldmane}/tls.key`,
    CA_CERT_PATH: caPath,
    HEALTH_ENABLED: 'true',
    // Its default is 15 s: a flow is told to followers once the window that it fell into has passed.
    AGGREGATION_WINDOW: '2s',
  };
  const only = container({ name: 'goldmane', image: calicoImageNames.goldmane, port: goldmanePort, env, mounts });
  return [service('goldmane', goldmanePort), ...deployment('goldmane', [only], podVolumes)];
}

export function whiskerObjects(): readonly object[] {
  const { podVolumes, mounts } = volumes([trusted, certificate(secrets.whisker)]);
  const env = {
    LOG_LEVEL: 'INFO',
    PORT: String(backendPort),
    GOLDMANE_HOST: `goldmane.${namespace}.svc:${goldmanePort}`,
    TLS_CERT_PATH: `/${secrets.whisker}/tls.crt`,
    TLS_KEY_PATH: `/${secrets.whisker}/tls.key`,
    CA_CERT_PATH: caPath,
  };
  const containers = [
    container({ name: 'whisker', image: calicoImageNames.whisker, port: whiskerPort }),
    container({ name: 'whisker-backend', image: calicoImageNames.whiskerBackend, port: backendPort, env, mounts }),
  ];
  return [service('whisker', whiskerPort), ...deployment('whisker', containers, podVolumes)];
}

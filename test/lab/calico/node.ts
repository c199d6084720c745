// Felix as the DaemonSet calico-node: named and labelled as Calico's operator does, but without BGP and Typha, which one node does not need.
import { clusterAdmin, type Volume, volumes } from '../cluster/manifests.ts';
import { plan } from '../plan.ts';
import { bundle, secrets } from './identity.ts';
import { calicoImageNames } from './images.ts';
import { namespace } from './objects.ts';

const name = 'calico-node';
const labels = { 'k8s-app': name, 'app.kubernetes.io/name': name };
const healthPort = 9099;

const mounted: readonly Volume[] = [
  { name: 'var-run-calico', path: '/run/calico', at: '/var/run/calico', type: 'DirectoryOrCreate' },
  { name: 'xtables-lock', path: '/run/xtables.lock', at: '/run/xtables.lock', type: 'FileOrCreate' },
  { name: 'usr', path: '/usr', at: '/usr', readOnly: true },
  { name: 'alternatives', path: '/etc/alternatives', at: '/etc/alternatives', readOnly: true },
  { name: 'lib-modules', path: '/lib/modules', at: '/lib/modules', readOnly: true },
  { name: 'tigera-ca-bundle', configMap: bundle.configMap, at: bundle.at, readOnly: true },
  { name: 'node-certs', secret: secrets.node, at: '/node-certs', readOnly: true },
];

/** Felix takes each parameter from a variable FELIX_ and its name (felix/config/config_params.go). */
const settings: Readonly<Record<string, string>> = {
  DATASTORETYPE: 'kubernetes',
  DEFAULTENDPOINTTOHOSTACTION: 'ACCEPT',
  FELIXHOSTNAME: plan.nodeName,
  // The default of five minutes would make every test wait so long for its flows.
  FLOWLOGSFLUSHINTERVAL: '1',
  FLOWLOGSGOLDMANESERVER: `goldmane.${namespace}.svc:7443`,
  HEALTHENABLED: 'true',
  HEALTHPORT: String(healthPort),
  IPTABLESBACKEND: 'NFT',
  IPV6SUPPORT: 'false',
  LOGFILEPATH: 'none',
  LOGSEVERITYSCREEN: 'info',
  NFTABLESMODE: 'Disabled',
  // Goldmane's client takes its certificate from what was made for Typha.
  TYPHACAFILE: `${bundle.at}/${bundle.file}`,
  TYPHACERTFILE: '/node-certs/tls.crt',
  TYPHAKEYFILE: '/node-certs/tls.key',
  TYPHACN: 'typha-server',
  USAGEREPORTINGENABLED: 'false',
};

const environment = [
  // The Service's address works only once kube-proxy has made it work.
  { name: 'KUBERNETES_SERVICE_HOST', value: plan.nodeAddress },
  { name: 'KUBERNETES_SERVICE_PORT', value: String(plan.apiPort) },
  // Felix is built without C and so without libbpf; of what an earlier eBPF mode left there is nothing to clean up.
  { name: 'FELIX_DebugSkipCTLBCleanup', value: 'true' },
  ...Object.entries(settings).map(([parameter, value]) => ({ name: `FELIX_${parameter}`, value })),
];

function container(mounts: readonly object[]): object {
  const probe = (path: string): object => ({
    httpGet: { host: '127.0.0.1', path, port: healthPort },
    periodSeconds: 2,
    timeoutSeconds: 5,
    failureThreshold: 30,
  });
  return {
    name,
    image: calicoImageNames.node,
    imagePullPolicy: 'Never',
    command: ['/calico-felix'],
    env: environment,
    readinessProbe: probe('/readiness'),
    livenessProbe: probe('/liveness'),
    securityContext: { privileged: true },
    volumeMounts: mounts,
  };
}

export function nodeObjects(): readonly object[] {
  const { podVolumes, mounts } = volumes(mounted);
  const spec = {
    hostNetwork: true,
    dnsPolicy: 'ClusterFirstWithHostNet',
    serviceAccountName: name,
    priorityClassName: 'system-node-critical',
    terminationGracePeriodSeconds: 1,
    tolerations: [{ operator: 'Exists' }],
    containers: [container(mounts)],
    volumes: podVolumes,
  };
  const daemonSet = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace, labels },
    spec: { selector: { matchLabels: { 'k8s-app': name } }, template: { metadata: { labels }, spec } },
  };
  return [...clusterAdmin(name, namespace), daemonSet];
}

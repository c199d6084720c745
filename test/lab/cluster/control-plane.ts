// The control plane: etcd, the API server, the controller manager and the scheduler, as plain processes of the node.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from '../paths.ts';
import { plan } from '../plan.ts';
import { createAuthority, createCertificate } from '../toolchain/certificates.ts';
import type { Programs } from '../toolchain/programs.ts';
import { run } from '../tools/run.ts';
import { waitFor } from '../tools/wait-for.ts';
import { clusterAuthority, kubeconfigs, tokenFile, writeAccess } from './access.ts';
import { apiReady } from './api.ts';
import { lastLines, start } from './processes.ts';

const etcdUrl = 'http://127.0.0.1:2379';
const serving = join(paths.pki, 'kube-apiserver');
const kubeletClient = join(paths.pki, 'kubelet-client');
const serviceAccounts = join(paths.pki, 'service-accounts');

export async function preparePki(): Promise<void> {
  await Promise.all([mkdir(paths.pki, { recursive: true }), mkdir(paths.config, { recursive: true })]);
  await createAuthority(clusterAuthority, 'Lab Cluster CA');
  const services = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${plan.clusterDomain}`,
  ];
  const addresses = ['127.0.0.1', plan.apiAddress, plan.nodeAddress, plan.apiService];
  await Promise.all([
    createCertificate(clusterAuthority, serving, {
      commonName: 'kube-apiserver',
      hosts: ['localhost', ...services, ...addresses],
    }),
    createCertificate(clusterAuthority, kubeletClient, {
      commonName: 'kube-apiserver',
      organization: 'system:masters',
    }),
    run('openssl', ['genrsa', '-out', `${serviceAccounts}.key`, '2048']),
    writeAccess(),
  ]);
  await run('openssl', ['rsa', '-in', `${serviceAccounts}.key`, '-pubout', '-out', `${serviceAccounts}.pub`]);
}

function etcdFlags(): string[] {
  // Without fsync: the lab's data is thrown away, and slow disks make API calls time out.
  return [
    `--data-dir=${paths.etcd}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    '--unsafe-no-fsync',
  ];
}

function apiServerFlags(): string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    `--secure-port=${plan.apiPort}`,
    `--advertise-address=${plan.nodeAddress}`,
    `--service-cluster-ip-range=${plan.serviceCidr}`,
    `--tls-cert-file=${serving}.pem`,
    `--tls-private-key-file=${serving}-key.pem`,
    `--client-ca-file=${clusterAuthority}.pem`,
    `--token-auth-file=${tokenFile}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--service-account-issuer=https://kubernetes.default.svc.${plan.clusterDomain}`,
    `--service-account-key-file=${serviceAccounts}.pub`,
    `--service-account-signing-key-file=${serviceAccounts}.key`,
    `--kubelet-client-certificate=${kubeletClient}.pem`,
    `--kubelet-client-key=${kubeletClient}-key.pem`,
    '--kubelet-preferred-address-types=InternalIP',
    '--allow-privileged=true', // Cilium's agent is
  ];
}

function controllerManagerFlags(): string[] {
  return [
    `--kubeconfig=${kubeconfigs.controllerManager}`,
    '--leader-elect=false',
    '--allocate-node-cidrs=true', // Cilium takes the pods' addresses from the node's range
    `--cluster-cidr=${plan.podCidr}`,
    `--service-cluster-ip-range=${plan.serviceCidr}`,
    `--service-account-private-key-file=${serviceAccounts}.key`,
    `--root-ca-file=${clusterAuthority}.pem`,
    '--use-service-account-credentials=true',
  ];
}

export async function startApiServer(programs: Programs): Promise<void> {
  const { etcd, kubernetes } = programs;
  await start({ name: 'etcd', place: 'node', command: [join(etcd, 'etcd'), ...etcdFlags()] });
  await start({
    name: 'kube-apiserver',
    place: 'node',
    command: [join(kubernetes, 'kube-apiserver'), ...apiServerFlags()],
  });
  await waitFor('the API server', apiReady, { seconds: 90, explain: () => lastLines('kube-apiserver') });
}

export async function startControllers(programs: Programs): Promise<void> {
  const manager = join(programs.kubernetes, 'kube-controller-manager');
  const scheduler = join(programs.kubernetes, 'kube-scheduler');
  await start({ name: 'kube-controller-manager', place: 'node', command: [manager, ...controllerManagerFlags()] });
  const schedulerFlags = [`--kubeconfig=${kubeconfigs.scheduler}`, '--leader-elect=false'];
  await start({ name: 'kube-scheduler', place: 'node', command: [scheduler, ...schedulerFlags] });
}

/** What pods without a kubelet-made resolv.conf, such as CoreDNS, take as their name server: the public one. */
export const publicResolvConf: string = join(paths.config, 'resolv.conf');

export async function writeResolvConf(): Promise<void> {
  await writeFile(publicResolvConf, `nameserver ${plan.publicDns}\n`);
}

// The lab's two network namespaces, the node's mounts, and the links between the machine, the node and the internet.
import { mkdir, readFile } from 'node:fs/promises';
import { gitSite, longestPacket, type Meets, meets, sites } from '../internet/zone.ts';
import { paths } from '../paths.ts';
import { plan } from '../plan.ts';
import { succeeds } from '../tools/run.ts';
import { waitFor } from '../tools/wait-for.ts';
import { lastLines, type Place, pidOf, runIn, start } from './processes.ts';

/** Folders of the machine over which the node has its own. `down` removes them if they are empty. */
export const mountPoints = ['/var/lib/kubelet', '/var/lib/cni'] as const;

// The node has its own mounts, so that nothing mounted by containerd, the kubelet or Cilium outlives it: /run for sockets and
// pods' namespaces, bpf for Cilium's maps. Shared among its processes, since pods get them with mount propagation.
const nodeScript = `set -e
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/cilium /run/lock
mount -t bpf bpf /sys/fs/bpf
mount --bind ${paths.kubelet} /var/lib/kubelet
mount -t tmpfs tmpfs /var/lib/cni
mount --bind ${paths.varLog} /var/log
mount --make-rshared /
exec sleep infinity`;

async function keep(place: Place, unshare: readonly string[], script: string): Promise<void> {
  await start({ name: place, place: 'machine', command: ['unshare', ...unshare, '--', '/bin/sh', '-c', script] });
  const ready = async (): Promise<boolean> =>
    (await readFile(`/proc/${await pidOf(place)}/comm`, 'utf8')).trim() === 'sleep';
  await waitFor(`the ${place}'s namespaces`, ready, { seconds: 10, explain: () => lastLines(place) });
}

export async function createNamespaces(): Promise<void> {
  const folders = [...mountPoints, paths.kubelet, paths.varLog];
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  await keep('internet', ['--net'], 'exec sleep infinity');
  await keep('node', ['--net', '--mount', '--propagation', 'private'], nodeScript);
}

async function shell(place: Place, lines: readonly string[]): Promise<void> {
  await runIn(place, ['sh', '-ec', lines.join('\n')]);
}

function addressUp(link: string, address: string): string[] {
  return [`ip address add ${address} dev ${link}`, `ip link set ${link} up`];
}

export async function connectNamespaces(): Promise<void> {
  const [node, internet] = await Promise.all([pidOf('node'), pidOf('internet')]);
  await shell('machine', [
    `ip link add ${plan.hostLink} type veth peer name ${plan.apiLink} netns ${node}`,
    ...addressUp(plan.hostLink, `${plan.hostAddress}/30`),
    // Of the internet, this machine reaches the Git server alone: for what reads the same repositories as the cluster does.
    ...(plan.gitFromHere ? [`ip route add ${gitSite.address}/32 via ${plan.apiAddress} dev ${plan.hostLink}`] : []),
  ]);
  await shell('node', [
    'ip link set lo up',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    'echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter',
    ...addressUp(plan.apiLink, `${plan.apiAddress}/30`),
    `ip link add ${plan.nodeLink} type veth peer name ${plan.internetLink} netns ${internet}`,
    ...addressUp(plan.nodeLink, `${plan.nodeAddress}/24`),
    `ip route add default via ${plan.gatewayAddress}`,
  ]);
  await shell('internet', [
    'ip link set lo up',
    'echo 0 > /proc/sys/net/ipv4/ip_forward',
    ...addressUp(plan.internetLink, `${plan.gatewayAddress}/24`),
    `ip route add ${plan.hostAddress}/32 via ${plan.nodeAddress}`,
    ...internetAddresses(),
    ...internetRules(),
  ]);
}

/** Packets to an address behind which there is silence are dropped without a word, as by a firewall. */
function internetAddresses(): string[] {
  const silent = [plan.silentDns, ...addressesThatMeet('silence')];
  const present = sites.map((site) => site.address).filter((address) => !silent.includes(address));
  const local = [plan.publicDns, ...present].map((address) => `ip address add ${address}/32 dev lo`);
  return [...local, ...silent.map((address) => `ip route add blackhole ${address}/32`)];
}

function addressesThatMeet(meeting: Meets): readonly string[] {
  return sites.filter((site) => meets(site) === meeting).map((site) => site.address);
}

function internetRules(): string[] {
  const noRoute = addressesThatMeet('no-route').map(
    (address) => `iptables -A INPUT -d ${address} -j REJECT --reject-with icmp-host-unreachable`,
  );
  const short = addressesThatMeet('short-packets').map(
    (address) => `iptables -A OUTPUT -s ${address} -m length --length ${longestPacket + 1}:65535 -j DROP`,
  );
  return [
    // All pods are one address to it, and each of their connections is to hear that there is no route.
    'echo 0 > /proc/sys/net/ipv4/icmp_ratelimit',
    ...noRoute,
    // One segment at a time: in a bundle of them the kernel would count the bundle's length.
    `ip link set ${plan.internetLink} gso_max_segs 1`,
    ...short,
  ];
}

export async function removeHostLink(): Promise<void> {
  const gone = async (): Promise<boolean> => !(await succeeds('ip', ['link', 'show', plan.hostLink]));
  if (await gone()) return;
  // The kernel removes it too, a little after the node's namespace ended; then this fails.
  await succeeds('ip', ['link', 'delete', plan.hostLink]);
  await waitFor(`link ${plan.hostLink} to go`, gone, { seconds: 20 });
}

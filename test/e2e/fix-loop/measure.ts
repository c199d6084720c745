/** What a pod really reaches of a scenario's names, by packets. */
import { setTimeout } from 'node:timers/promises';
import * as k8s from '@kubernetes/client-node';
import { probe, type Seen } from '../packets/probe.ts';
import type { TestCluster } from '../support/cluster.ts';
import { askedBy, type Measured, type Place, type PodName, placeOf, type Scenario } from './scenario.ts';
import { podOf } from './stage.ts';

/** `files:443` for what connects, `lookup files` for what resolves; names of the set without their domain. */
export type Reach = ReadonlySet<string>;

const POD_NAMES: readonly PodName[] = ['caller', 'neighbour', 'stranger'];

/** CoreDNS keeps a server's failure for 5 s. */
const FAILURE_KEPT_MS = 6000;

/** Entries such as `caller files:443`; of two measurements, since a starved machine loses packets and never makes any. */
export async function reachOf(cluster: TestCluster, scenario: Scenario): Promise<Reach> {
  const first = await reachOnce(cluster, scenario);
  if (first.some(({ serverFailed }) => serverFailed)) await setTimeout(FAILURE_KEPT_MS);
  const second = await reachOnce(cluster, scenario);
  return new Set([...first, ...second].flatMap(({ reached }) => reached));
}

async function reachOnce(cluster: TestCluster, scenario: Scenario): Promise<PodReach[]> {
  const measured = measuredOf(scenario);
  return Promise.all(POD_NAMES.map((name) => reachOfPod(cluster, scenario, { name, measured })));
}

/** Whether the caller connects to what was asked for. */
export async function isOpen(cluster: TestCluster, scenario: Scenario): Promise<boolean> {
  const asked = askedOf(scenario);
  const at = placeOf(scenario);
  const measured = measuredOf(scenario).filter(({ host, port }) => `${short(at, host)}:${port}` === asked);
  const { reached } = await reachOfPod(cluster, scenario, { name: 'caller', measured });
  return reached.includes(`caller ${asked}`);
}

/** As measured. What the application fails on is the second hop, whoever is asked about. */
export function askedOf(scenario: Scenario): string {
  const at = placeOf(scenario);
  const { host, port } = scenario.application === undefined ? askedBy(scenario, at) : { host: at.files, port: 443 };
  return `${short(at, host)}:${port}`;
}

interface Question {
  readonly name: PodName;
  readonly measured: readonly Measured[];
}

interface PodReach {
  readonly reached: readonly string[];
  /** Some lookup ended with SERVFAIL, as when the server behind did not answer in time. */
  readonly serverFailed: boolean;
}

async function reachOfPod(cluster: TestCluster, scenario: Scenario, { name, measured }: Question): Promise<PodReach> {
  const at = placeOf(scenario);
  const targets = await Promise.all(measured.map((one) => targetOf(cluster, one)));
  const seen = await probe(cluster, await podOf(cluster, scenario, name), targets);
  const hosts = [...new Set(targets.map(({ host }) => host))];
  const lookups = hosts.filter((host) => resolves(seen, host)).map((host) => `${name} lookup ${short(at, host)}`);
  const open = targets.filter(({ id, host }) => resolves(seen, host) && seen.attempts[id]?.outcome === 'reached');
  return {
    reached: [...lookups, ...open.map(({ host, port }) => `${name} ${short(at, host)}:${port}`)],
    serverFailed: hosts.some((host) => seen.lookups[host]?.detail === 'rcode 2'),
  };
}

const resolves = (seen: Seen, host: string): boolean => seen.lookups[host]?.outcome === 'resolved';

export function short({ domain, namespace }: Place, host: string): string {
  return host.replace(`.${domain}`, '').replace(`.${namespace}.svc.cluster.local`, '');
}

function measuredOf(scenario: Scenario): readonly Measured[] {
  const at = placeOf(scenario);
  const names = ['api', 'files', 'other'] as const;
  const own = names.flatMap((name) => [443, 8443].map((port) => ({ host: at[name], port, address: at.address[name] })));
  return [...own, ...(scenario.alsoMeasured?.(at) ?? [])];
}

async function targetOf(cluster: TestCluster, { host, port, address }: Measured) {
  const id = `${host}:${port}`;
  return { id, host, port, protocol: 'TCP' as const, address: address ?? (await serviceAddress(cluster, host)) };
}

async function serviceAddress({ config }: TestCluster, host: string): Promise<string> {
  const [name = '', namespace = ''] = host.split('.');
  const service = await config.makeApiClient(k8s.CoreV1Api).readNamespacedService({ name, namespace });
  return service.spec?.clusterIP ?? '';
}

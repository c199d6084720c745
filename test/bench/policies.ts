/**
 * How long verdicts take: one pod among 1,000 policies, the fleet question under 5,000 policies for growing fleets, and the same policies and
 * identities by Cilium's own engine. Each size runs in a process of its own, so that its peak memory is its own. Prints one line of JSON a
 * measurement.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ClusterState } from '../../src/core/model/cluster-state.ts';
import type { Destination } from '../../src/core/model/destination.ts';
import { evaluateEgress } from '../../src/core/policy/evaluate.ts';
import { fleetEgress } from '../../src/core/policy/fleet.ts';
import { decoded, fleetState, rawCluster } from './fleet/cluster.ts';
import { askPeer } from './peer.ts';

const ROUNDS = 15;
const FLEETS = [5_000, 50_000, 100_000];
const FLEET_POLICIES = 5_000;
// Cilium's engine takes minutes for the fleet's five thousand.
const BESIDE = 1_000;
const MEGABYTE = 1024 * 1024;

const TARGET: Destination = {
  host: 'files.vendor.example',
  cnames: [],
  addresses: ['203.0.113.7'],
  port: 443,
  protocol: 'TCP',
};

/** A state that nothing was asked of yet: whatever is worked out once a state is worked out again. */
function fresh(state: ClusterState): ClusterState {
  return { ...state };
}

/** What making the cluster, or a question about an earlier copy of it, leaves behind is not the next question's to collect. */
function collect(): void {
  globalThis.gc?.();
}

function milliseconds(task: () => void): number {
  const started = performance.now();
  task();
  return performance.now() - started;
}

function median(times: readonly number[]): number {
  return Number((times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0).toFixed(2));
}

/** The first question to a state, and a later one. */
function onePod(): object {
  const state = decoded(rawCluster(1_000, 1_000));
  const first: number[] = [];
  const later: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const asked = fresh(state);
    const [, one, other] = asked.pods.slice(round, round + 3);
    if (one && other) {
      first.push(milliseconds(() => evaluateEgress(asked, one, TARGET)));
      later.push(milliseconds(() => evaluateEgress(asked, other, TARGET)));
    }
  }
  return { policies: 1_000, pods: 1_000, firstMs: median(first), laterMs: median(later) };
}

/** The first question in a process that asked nothing yet, and later ones; the peak is the whole process's, making the cluster included. */
function fleet(pods: number): object {
  const state = fleetState(pods, FLEET_POLICIES);
  collect();
  const stateMegabytes = Math.round(process.memoryUsage().heapUsed / MEGABYTE);
  const times: number[] = [];
  const work: number[] = [];
  let groups: ReturnType<typeof fleetEgress> = [];
  for (let round = 0; round < 5; round += 1) {
    const asked = fresh(state);
    const before = process.threadCpuUsage();
    times.push(milliseconds(() => (groups = fleetEgress(asked, TARGET))));
    const { user, system } = process.threadCpuUsage(before);
    work.push((user + system) / 1000);
    collect();
  }
  const allowed = groups.filter(({ verdict }) => verdict.decision === 'allowed');
  return {
    pods,
    policies: FLEET_POLICIES,
    firstMs: Math.round(times[0] ?? 0),
    medianMs: Math.round(median(times)),
    // What the thread itself worked: a machine with other work to do makes the time longer, hardly this.
    firstCpuMs: Math.round(work[0] ?? 0),
    medianCpuMs: Math.round(median(work)),
    stateMegabytes,
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    allowedPods: allowed.reduce((sum, group) => sum + group.pods.length, 0),
  };
}

/** Every pod of the fleet is an identity of its own here as there, and is asked for one destination. */
async function beside(): Promise<object> {
  const raw = rawCluster(BESIDE, BESIDE);
  const objects = [...raw.namespaces, ...raw.nodes, ...raw.pods, ...raw.services, ...raw.slices];
  const policies = [...raw.networkPolicies, ...raw.ciliumPolicies, ...raw.clusterwidePolicies];
  const dns = [{ pod: 'kube-system/coredns-0', port: 53 }];
  const peer = await askPeer({
    world: { id: 'fleet', config: {}, objects, dns },
    objects: policies,
    destination: TARGET,
    names: [],
  });
  const state = decoded(raw);
  const times = Array.from({ length: ROUNDS }, () => milliseconds(() => fleetEgress(fresh(state), TARGET)));
  const ciliumMs = Math.round((peer.repositoryNs + peer.resolveNs + peer.decideNs) / 1e6);
  return {
    pods: peer.pods,
    oursMs: median(times),
    ciliumMs,
    ratio: Math.round((median(times) / ciliumMs) * 100) / 100,
    ciliumAllowed: peer.allowed,
  };
}

function inOwnProcess(size: number): string {
  const script = ['--expose-gc', fileURLToPath(import.meta.url), String(size)];
  const { stdout, stderr } = spawnSync(process.execPath, script, { encoding: 'utf8' });
  return stdout || stderr;
}

const size = Number(process.argv[2] ?? 0);
if (size > 0) process.stdout.write(`${JSON.stringify({ bench: 'fleet', ...fleet(size) })}\n`);
else {
  process.stdout.write(`${JSON.stringify({ bench: 'one pod', ...onePod() })}\n`);
  for (const each of FLEETS) process.stdout.write(inOwnProcess(each));
  process.stdout.write(`${JSON.stringify({ bench: 'beside Cilium', ...(await beside()) })}\n`);
}

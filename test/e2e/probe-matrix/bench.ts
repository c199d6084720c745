/** Runs probes for the matrix: the product's own runner without its budget, which would not let a matrix through. */
import type { Read } from '../../../src/core/model/cluster-state.ts';
import type { ProbeReport, ProbeRequest } from '../../../src/core/model/probe.ts';
import { openKube } from '../../../src/kube/open.ts';
import type { ProbeRunner } from '../../../src/ports/probe-runner.ts';
import { createProbeRunner } from '../../../src/probes/exec-runner.ts';
import type { TestCluster } from '../support/cluster.ts';
import { type Endpoint, endpoints } from './endpoints.ts';
import type { Image } from './images.ts';
import { type Cell, judge } from './judge.ts';
import { NAMESPACE, placeOf } from './stage.ts';

const MOST_TARGETS = 10;
export const CONNECT_MS = 3000;
const LOOKUP_MS = 6000;

export async function openRunner(cluster: TestCluster): Promise<ProbeRunner> {
  return createProbeRunner(await openKube({ kubeconfig: cluster.kubeconfig }), { now: () => new Date() });
}

type Asked = Pick<Endpoint, 'host' | 'port' | 'tls' | 'path'>;

export function requestFor(pod: string, container: string, asked: readonly Asked[]): ProbeRequest {
  return {
    pod: { namespace: NAMESPACE, name: pod },
    container,
    targets: asked.map(({ host, port, tls, path }, at) => ({
      id: String(at),
      host,
      port,
      tls,
      ...(path === undefined ? {} : { path }),
    })),
    connectTimeoutMs: CONNECT_MS,
    lookupTimeoutMs: LOOKUP_MS,
  };
}

export async function probe(
  runner: ProbeRunner,
  request: ProbeRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<Read<ProbeReport>> {
  return runner.run(request, () => undefined, signal);
}

export interface Column {
  readonly cells: ReadonlyMap<Endpoint, Cell | undefined>;
  /** As the reports call what ran; nothing where none could. */
  readonly rungs: ReadonlySet<string>;
  readonly refusals: readonly string[];
  readonly askedAgain: readonly string[];
  readonly milliseconds: number;
}

/** All endpoints from one image, ten at a time; what is wrong is asked once more, since a starved machine loses packets and time. */
export async function probeFrom(runner: ProbeRunner, image: Image): Promise<Column> {
  const began = performance.now();
  const column = { cells: new Map<Endpoint, Cell | undefined>(), rungs: new Set<string>(), refusals: [] as string[] };
  for (const batch of batches(endpoints)) await probeBatch(runner, image, batch, column);
  const again = endpoints.filter((endpoint) => column.cells.get(endpoint)?.verdict === 'wrong');
  for (const batch of batches(again)) await probeBatch(runner, image, batch, column);
  return { ...column, askedAgain: again.map(({ title }) => title), milliseconds: performance.now() - began };
}

interface Filling {
  readonly cells: Map<Endpoint, Cell | undefined>;
  readonly rungs: Set<string>;
  readonly refusals: string[];
}

async function probeBatch(
  runner: ProbeRunner,
  image: Image,
  batch: readonly Endpoint[],
  column: Filling,
): Promise<void> {
  const [first] = batch;
  if (first === undefined) return;
  const { pod, container } = placeOf(image, first.setting);
  const read = await probe(runner, requestFor(pod, container, batch));
  if (read.ok) column.rungs.add(read.value.rung);
  else column.refusals.push(`${read.notRead.code}: ${read.notRead.reason}`);
  batch.forEach((endpoint, at) => {
    const target = read.ok ? read.value.targets[at] : undefined;
    const cell = read.ok && target !== undefined ? judge(image, endpoint, { report: read.value, target }) : undefined;
    column.cells.set(endpoint, cell);
  });
}

/** Endpoints of one setting, which is one container, at most ten together. */
function batches(some: readonly Endpoint[]): readonly (readonly Endpoint[])[] {
  const bySetting = [...Map.groupBy(some, ({ setting }) => setting).values()];
  return bySetting.flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / MOST_TARGETS) }, (_, at) =>
      all.slice(at * MOST_TARGETS, (at + 1) * MOST_TARGETS),
    ),
  );
}

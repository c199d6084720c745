/** Test support: the ways the same objects can reach a reader. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { openArchiveReader } from '../../../src/cluster/archive/reader.ts';
import { writeObjects } from '../../../src/cluster/archive/write.ts';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import { createLiveReader } from '../../../src/cluster/live/reader.ts';
import type { ObjectReader } from '../../../src/cluster/object-reader.ts';
import { createRecordingReader } from '../../../src/cluster/recording-reader.ts';
import { openKube } from '../../../src/kube/open.ts';
import type { ClusterSource } from '../../../src/ports/cluster-source.ts';
import { type FakeApiOptions, pluralOf, type RawObject, startFakeApi } from '../support/fake-api-server.ts';

export const never = new AbortController().signal;
const cleanups: (() => Promise<unknown>)[] = [];

export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0)) await cleanup();
}

export async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'archive-'));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export async function startLive(options: FakeApiOptions) {
  const api = await startFakeApi({ groups: { 'cilium.io': ['v2'] }, ...options });
  cleanups.push(() => api.close());
  return { api, reader: createLiveReader(await openKube({ kubeconfig: api.kubeconfig })) };
}

/** One file a kind, each a `kind: List`, as `kubectl get KIND -A -o yaml` writes it. */
export async function writeLists(objects: readonly RawObject[]): Promise<string> {
  const dir = await temporaryDir();
  const kinds = Map.groupBy(objects, (object) => `${pluralOf(object.kind)}-${object.apiVersion.replaceAll('/', '-')}`);
  for (const [name, items] of kinds)
    await writeFile(join(dir, `${name}.yaml`), dump({ apiVersion: 'v1', kind: 'List', items }));
  return dir;
}

/** What `capture` does: one diagnosis' reads recorded from the live reader, written, and read back. */
export async function recapture(
  reader: ObjectReader,
  shape: { readonly namespace: string; readonly name: string },
): Promise<ObjectReader> {
  return recaptureWith(reader, async (source) => {
    await source.findPod({ ...shape, kind: 'pod' }, never);
    await source.readState(shape, never);
  });
}

export async function recaptureWith(
  reader: ObjectReader,
  read: (source: ClusterSource) => Promise<void>,
): Promise<ObjectReader> {
  const recording = createRecordingReader(reader);
  await read(createClusterSource(recording.reader));
  const dir = join(await temporaryDir(), 'capture');
  await mkdir(dir);
  await writeObjects(dir, recording.recorded());
  return openArchiveReader(dir);
}

export const ADAPTERS: readonly {
  readonly name: string;
  readonly open: (options: FakeApiOptions) => Promise<ObjectReader>;
}[] = [
  { name: 'live API', open: async (options) => (await startLive(options)).reader },
  {
    name: 'directory of manifests',
    open: async (options) => openArchiveReader(await writeLists(options.objects ?? [])),
  },
  {
    name: 'capture',
    open: async (options) =>
      recapture((await startLive(options)).reader, { namespace: 'shop', name: 'checkout-7d9f-abcde' }),
  },
];

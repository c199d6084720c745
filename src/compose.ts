/** The only place where adapters are constructed and plugged into ports; called by `main.ts`, opens nothing before it is asked to. */
import type { CaptureMeta } from './archive/layout.ts';
import type { ObjectReader } from './cluster/object-reader.ts';
import type { GitSettings } from './config/git-settings.ts';
import type { Settings } from './config/settings.ts';
import { VERSION } from './config/version.ts';
import { DiagnoseError } from './core/errors.ts';
import type { Diagnosis } from './core/model/diagnosis.ts';
import type { Recording } from './diagnose/capture.ts';
import type { Deps } from './diagnose/deps.ts';
import type { WritableConnection } from './kube/connection.ts';
import type { Clock } from './ports/clock.ts';
import type { PatchWriter } from './ports/patch-writer.ts';

export interface Composition {
  /** The ports of one cluster; opened once a context, again after a failure or a change of the kubeconfig (the user may have repaired it). */
  readonly openDeps: (context: string | undefined) => Promise<Deps>;
  readonly openRecording: (context: string | undefined) => Promise<Recording>;
  /** For the `fix` command alone. */
  readonly openPatchWriter: () => Promise<PatchWriter>;
}

export function compose(settings: Settings): Composition {
  const opened = new Map<string, { readonly stamp: string; readonly deps: Promise<Deps> }>();
  const openDeps = async (asked: string | undefined): Promise<Deps> => {
    const context = asked ?? settings.context;
    const key = context ?? '';
    const stamp = await stampOf(settings);
    const known = opened.get(key);
    if (known?.stamp === stamp) return known.deps;
    const entry = { stamp, deps: open(settings, context) };
    opened.set(key, entry);
    entry.deps.catch(() => {
      if (opened.get(key) === entry) opened.delete(key);
    });
    return entry.deps;
  };
  return {
    openDeps,
    openRecording: (context) => openRecording(settings, context ?? settings.context),
    openPatchWriter: async () => (await import('./gitops/patch-writer.ts')).createPatchWriter(),
  };
}

/** Without this a server would go on answering about the context that was current when it was first asked. */
async function stampOf({ archive, kubeconfig }: Settings): Promise<string> {
  return archive === undefined ? (await import('./kube/kubeconfig-stamp.ts')).kubeconfigStamp(kubeconfig) : '';
}

function open(settings: Settings, context: string | undefined): Promise<Deps> {
  const { archive } = settings;
  return archive === undefined ? openLive(settings, context) : openArchive({ ...settings, archive }, context);
}

const systemClock: Clock = { now: () => new Date() };

async function openLive(settings: Settings, context: string | undefined): Promise<Deps> {
  const kube = await connect(settings, context);
  const { createLiveReader } = await import('./cluster/live/reader.ts');
  return livePorts(kube, createLiveReader(kube), settings);
}

/** Imports inside, here and below: a server that only lists tools must not pay for a Kubernetes client. */
async function connect({ kubeconfig }: Settings, context: string | undefined): Promise<WritableConnection> {
  const { openKube } = await import('./kube/open.ts');
  return openKube({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  });
}

/** Containers can be added where the operator allows it, and nowhere else. */
async function livePorts(kube: WritableConnection, reader: ObjectReader, settings: Settings): Promise<Deps> {
  const { ephemeralImage } = settings;
  const { createClusterSource } = await import('./cluster/cluster-source.ts');
  const { createProbeRunner } = await import('./probes/exec-runner.ts');
  const { PROBE_BUDGET, withinBudget } = await import('./probes/budget.ts');
  const { createEphemeralContainers } = await import('./probes/ephemeral.ts');
  const { createLogSource } = await import('./logs/log-source.ts');
  const { createFlowSource } = await import('./flows/flow-source.ts');
  const { createGitopsSource } = await import('./gitops/gitops-source.ts');
  const cluster = createClusterSource(reader);
  return {
    cluster,
    probes: withinBudget(createProbeRunner(kube, systemClock), systemClock, PROBE_BUDGET),
    ...(ephemeralImage === undefined
      ? {}
      : { ephemeral: createEphemeralContainers(kube, systemClock, ephemeralImage) }),
    logs: createLogSource(kube, ({ namespace, name }, signal) =>
      cluster.findPod({ namespace, kind: 'pod', name }, signal),
    ),
    flows: createFlowSource(kube),
    gitops: createGitopsSource(gitOptions(settings)),
    clock: systemClock,
  };
}

/** Offline: objects from the directory; probes, logs and flows as they were captured, or stated as not in the archive. */
async function openArchive(
  settings: Settings & { readonly archive: string },
  context: string | undefined,
): Promise<Deps> {
  const { archive } = settings;
  if (context !== undefined) throw contextOfArchive(context);
  const { createClusterSource } = await import('./cluster/cluster-source.ts');
  const { openArchiveReader } = await import('./cluster/archive/reader.ts');
  const { openReplay } = await import('./archive/replay.ts');
  const { createGitopsSource } = await import('./gitops/gitops-source.ts');
  const [reader, { probes, logs, flows, gitops, clock = systemClock }] = await Promise.all([
    openArchiveReader(archive),
    // A repository can be asked whether or not there is a cluster.
    openReplay(archive, { gitops: createGitopsSource(gitOptions(settings)) }),
  ]);
  return { cluster: createClusterSource(reader), probes, logs, flows, gitops, clock };
}

function gitOptions({ git }: Settings): { readonly access?: GitSettings } {
  return git === undefined ? {} : { access: git };
}

function contextOfArchive(context: string): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'CONTEXT_NOT_FOUND',
    `There is no context ${JSON.stringify(context.slice(0, 80))}: answers come from an archive.`,
    'Leave context out, or run without --archive to ask a live cluster.',
  );
}

async function openRecording(settings: Settings, context: string | undefined): Promise<Recording> {
  if (settings.archive !== undefined) throw captureOfArchive();
  const kube = await connect(settings, context);
  const { createLiveReader } = await import('./cluster/live/reader.ts');
  const { createRecordingReader } = await import('./cluster/recording-reader.ts');
  const { writeObjects } = await import('./cluster/archive/write.ts');
  const { recordPorts } = await import('./archive/record.ts');
  const objects = createRecordingReader(createLiveReader(kube));
  // A capture only reads.
  const { ephemeralImage: _image, ...reading } = settings;
  const live = await livePorts(kube, objects.reader, reading);
  const recorder = recordPorts(live);
  return {
    deps: { ...live, ...recorder.ports },
    write: (directory, made) =>
      recorder.write(directory, metaOf(live, made), (folder) => writeObjects(folder, objects.recorded())),
  };
}

function metaOf({ cluster }: Deps, { asOf, question }: Pick<Diagnosis, 'asOf' | 'question'>): CaptureMeta {
  return { toolVersion: VERSION, capturedAt: asOf, ...cluster.identify(), question };
}

function captureOfArchive(): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'FLAGS_CONFLICT',
    'capture records a live cluster; --archive names a recorded one.',
    'Run capture without --archive.',
  );
}

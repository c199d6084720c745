/** The repository argument that a controller's own objects suggest; for the next steps of findings. A tenant may have written the URL: it is named, never opened. */
import type { ObjectRef } from '../model/object-meta.ts';
import type { SyncController } from '../model/sync.ts';
import { isPlain } from './plain.ts';
import { refText } from './same-source.ts';

/** One sentence; undefined where the controller says nothing about where its files are. */
export function whatToGive(controller: SyncController): string | undefined {
  const { object, source, path } = controller;
  if (source === undefined) return oneOfSeveral(controller);
  const name = refText(object);
  if (source.kind !== 'git')
    return `Give the Git repository that ${refText(source.object)} is built from: ${name} takes its manifests from there (${source.kind}).`;
  if (!isPlain(source.url))
    return `Read the URL of ${refText(source.object)} and give it as repository: ${name} applies it. ${command(source.object)}`;
  const given = {
    repository: source.url,
    ...(isPlain(source.ref) && source.ref !== 'HEAD' && { ref: source.ref }),
    ...(isPlain(path) && { path }),
  };
  return `Give repository: ${JSON.stringify(given)}, which ${refText(source.object)} names and ${name} applies; nothing has contacted it, so check that it is yours.`;
}

/** Which of them holds the policies is for whoever asks to see. */
function oneOfSeveral(controller: SyncController): string | undefined {
  const sources = controller.tool === 'argo-application' ? (controller.sources ?? []) : [];
  const given = sources
    .filter(({ url }) => isPlain(url))
    .map(({ url, ref, path }) =>
      JSON.stringify({
        repository: url,
        ...(isPlain(ref) && ref !== 'HEAD' && { ref }),
        ...(isPlain(path) && { path }),
      }),
    );
  if (given.length === 0) return undefined;
  return `Give as repository the one of these that holds the policies: ${given.join(' or ')}; ${refText(controller.object)} applies them all, and nothing has contacted them, so check that they are yours.`;
}

const command = ({ kind, namespace, name }: ObjectRef): string =>
  `kubectl get ${kind.toLowerCase()} -n ${namespace ?? 'default'} ${name} -o yaml`;

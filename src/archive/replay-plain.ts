/** Answers log and Git questions from a capture; Git questions that were not recorded go to the repository itself where there is one. */
import type { Read } from '../core/model/cluster-state.ts';
import type { LogReport, LogRequest } from '../core/model/logs.ts';
import type { GitopsSource } from '../ports/gitops-source.ts';
import type { LogSource } from '../ports/log-source.ts';
import { changesKey, samePod, sameRepository } from './keys.ts';
import { notRecorded } from './not-recorded.ts';
import type { GitopsRecordings } from './schemas/gitops-recording.ts';
import type { LogRecording } from './schemas/log-recording.ts';

export function replayLogs(recordings: readonly LogRecording[]): LogSource {
  return { grep: async (request) => findLogs(recordings, request) };
}

/** How far back and how many lines does not matter; the container and the caller's own pattern do. */
function findLogs(recordings: readonly LogRecording[], request: LogRequest): Read<LogReport> {
  const ofPod = recordings.filter(
    ({ request: held }) => samePod(held.pod, request.pod) && held.container === request.container,
  );
  const exact = ofPod.findLast(({ request: held }) => held.pattern === request.pattern);
  if (exact) return exact.result;
  const wider = request.pattern === undefined ? ofPod.at(-1) : undefined;
  if (wider?.result.ok) return { ok: true, value: { ...wider.result.value, matches: [] } };
  const { pod, container, pattern } = request;
  const what = `logs of pod ${pod.namespace}/${pod.name}${container === undefined ? '' : ` container ${container}`}`;
  return notRecorded(pattern === undefined ? what : `${what} searched for this pattern`);
}

/** `fallback` answers what was not recorded, e.g. a diff of another change against the captured live policy. */
export function replayGitops(recordings: GitopsRecordings, fallback: GitopsSource | undefined): GitopsSource {
  return {
    compare: async (repo, live, namespace, signal) => {
      const found = recordings.compare.findLast(
        (one) => one.namespace === namespace && sameRepository(one.repository, repo),
      );
      if (found) return found.result;
      return fallback
        ? fallback.compare(repo, live, namespace, signal)
        : notRecorded(`comparison of namespace ${namespace} with Git`);
    },
    patch: async (changes, live, repo, signal) => {
      const key = changesKey(changes);
      const found = recordings.patch.findLast((one) => one.changes === key && sameRepository(one.repository, repo));
      if (found) return found.result;
      return fallback ? fallback.patch(changes, live, repo, signal) : notRecorded('diff of this change');
    },
  };
}

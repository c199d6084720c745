/** Records logs and Git answers, which are one answer to one question; part of `record.ts`. */
import type { GitopsSource } from '../ports/gitops-source.ts';
import type { LogSource } from '../ports/log-source.ts';
import { changesKey, withoutCredentials } from './keys.ts';
import type { CompareRecording, GitopsRecordings, PatchRecording } from './schemas/gitops-recording.ts';
import type { LogRecording } from './schemas/log-recording.ts';

export function recordLogs(inner: LogSource) {
  const recordings: LogRecording[] = [];
  const port: LogSource = {
    grep: async (request, signal) => {
      const result = await inner.grep(request, signal);
      recordings.push({ request, result });
      return result;
    },
  };
  return { port, recorded: (): readonly LogRecording[] => recordings };
}

export function recordGitops(inner: GitopsSource) {
  const compare: CompareRecording[] = [];
  const patch: PatchRecording[] = [];
  const port: GitopsSource = {
    compare: async (repo, live, namespace, signal) => {
      const result = await inner.compare(repo, live, namespace, signal);
      compare.push({ repository: withoutCredentials(repo), namespace, result });
      return result;
    },
    patch: async (changes, live, repo, signal) => {
      const result = await inner.patch(changes, live, repo, signal);
      const repository = repo && withoutCredentials(repo);
      patch.push({ changes: changesKey(changes), ...(repository ? { repository } : {}), result });
      return result;
    },
  };
  return { port, recorded: (): GitopsRecordings => ({ compare, patch }) };
}

/** Which policies of a comparison or a patch are worth asking Git's history about, and for which names; between `gitops-source.ts` and `policy-history.ts`. */
import { namesIn } from '../../core/drift/content.ts';
import { type Json, setText } from '../../core/drift/json.ts';
import type { PolicyDrift } from '../../core/model/drift.ts';
import type { PolicyHistory } from '../../core/model/git-history.ts';
import type { GitDocument } from '../documents.ts';
import type { HistoryQuestion } from './policy-history.ts';

/** Policies of one answer, and names of one policy. */
const MAX_POLICIES = 5;
const MAX_NAMES = 3;
const MAX_GONE = 2;

export interface Documents {
  /** As the files hold them, and as they are applied. */
  readonly documents: readonly GitDocument[];
  readonly applied: readonly GitDocument[];
}

export type Ask = (questions: readonly HistoryQuestion[]) => Promise<readonly (PolicyHistory | undefined)[]>;

export interface Wanted {
  readonly host: string | undefined;
  /** What was read of the repository. */
  readonly folder: string;
}

/** Those that differ first; where a host is asked about, also those that do not: Git may have dropped it long ago. */
export async function withHistory(
  drifts: readonly PolicyDrift[],
  git: Documents,
  { host, folder }: Wanted,
  ask: Ask,
): Promise<readonly PolicyDrift[]> {
  const held = drifts
    .filter(({ file, kind }) => file !== undefined && (kind !== 'same' || host !== undefined))
    .toSorted((a, b) => rank(a, host) - rank(b, host))
    .slice(0, MAX_POLICIES);
  // Of these each commit has to be looked at.
  const gone = drifts.filter(({ kind }) => kind === 'only_live').slice(0, MAX_GONE);
  const chosen = [...held, ...gone];
  if (chosen.length === 0) return drifts;
  const questions = [
    ...held.map((drift) => questionOf(drift, git, host)),
    ...gone.map(({ policy }) => ({ policy, folder })),
  ];
  const answers = await ask(questions);
  return drifts.map((drift) => {
    const history = answers[chosen.indexOf(drift)];
    return history === undefined || isIdle(drift, history, host) ? drift : { ...drift, history };
  });
}

/** Nothing was found of the host that is asked about, and it is not what differs: then the file's own history is of no use. */
function isIdle(drift: PolicyDrift, { entries, policyRemoved }: PolicyHistory, host: string | undefined): boolean {
  if (entries.length > 0 || policyRemoved !== undefined) return false;
  return drift.kind === 'same' || (host !== undefined && rank(drift, host) > 0);
}

function rank({ kind, differences }: PolicyDrift, host: string | undefined): number {
  if (host !== undefined && JSON.stringify(differences).includes(host)) return 0;
  return ['differs', 'only_git', 'same'].indexOf(kind) + 1;
}

function questionOf(drift: PolicyDrift, { documents, applied }: Documents, host: string | undefined): HistoryQuestion {
  const { path = '', document } = drift.file ?? {};
  const isHere = ({ kind, file }: GitDocument): boolean =>
    kind === drift.policy.kind && file.path === path && file.document === document;
  const written = documents.find(isHere);
  const same = applied.find((one) => isHere(one) && one.name === drift.policy.name);
  const found = drift.differences.flatMap(({ live, git }) => [...namesIn(live as Json), ...namesIn(git as Json)]);
  const names = host === undefined ? [...new Set(found)].slice(0, MAX_NAMES) : [host];
  // What is built from several files is not what one file says, and a name that its own file lacks may be in another.
  const isWritten = written !== undefined && same !== undefined && setText(written.normal) === setText(same.normal);
  return { file: path, names, ...(isWritten ? { policy: policyOf(written) } : {}) };
}

/** For a patch: the document that was changed. */
export function questionFor(document: GitDocument, host: string | undefined): HistoryQuestion {
  return { file: document.file.path, policy: policyOf(document), names: host === undefined ? [] : [host] };
}

const policyOf = ({ kind, name, namespace }: GitDocument): NonNullable<HistoryQuestion['policy']> => ({
  kind,
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

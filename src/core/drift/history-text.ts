/** What Git's history says, in sentences of ours; subjects of commits stand apart, because others wrote them. For findings and pull requests. */
import type { GitCommit, PolicyHistory } from '../model/git-history.ts';
import { plain } from './plain.ts';

/** `abc123def456 of 2026-11-20`. */
export function commitText({ id, time }: GitCommit): string {
  return `commit ${id.slice(0, 12)} of ${time.slice(0, 10)}`;
}

/** Each a sentence. What was not found is not said, unless looking ended early. */
export function historySentences({
  file,
  fileChanged,
  policyRemoved,
  entries,
  notFurther,
}: PolicyHistory): readonly string[] {
  const place = plain(file);
  const told = entries.map(({ name, change, commit }) => {
    const rule = `\`${plain(name)}\``;
    if (change === 'removed') return `${rule} was taken out of ${place} by ${commitText(commit)}.`;
    if (change === 'added') return `${rule} is in ${place} since ${commitText(commit)}.`;
    return `What ${place} says about ${rule} last changed with ${commitText(commit)}.`;
  });
  const toldFile = entries.some(({ commit }) => commit.id === fileChanged?.id);
  return [
    ...(policyRemoved === undefined ? [] : [`${place} held it until ${commitText(policyRemoved)} took it out.`]),
    ...told,
    ...(fileChanged === undefined || toldFile ? [] : [`${place} last changed with ${commitText(fileChanged)}.`]),
    ...(notFurther === undefined ? [] : [limitText(notFurther)]),
  ];
}

function limitText({ back, because }: NonNullable<PolicyHistory['notFurther']>): string {
  const where = back === undefined ? 'The history was not read' : `Not checked further back than ${commitText(back)}`;
  return `${where}: ${because}.`;
}

/** The commits that the sentences name, with what their authors wrote: untrusted. */
export function commitSubjects({ fileChanged, policyRemoved, entries }: PolicyHistory): readonly string[] {
  const commits = [policyRemoved, ...entries.map(({ commit }) => commit), fileChanged].flatMap((one) => one ?? []);
  const once = new Map(commits.map((commit) => [commit.id, `${commit.id.slice(0, 12)} ${commit.subject}`]));
  return [...once.values()];
}

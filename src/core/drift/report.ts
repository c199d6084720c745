/** Pairs live policies with Git documents and says for each what differs; `gitops/gitops-source.ts` reads both sides. */
import type { PolicyDrift } from '../model/drift.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import type { PatchablePolicy } from '../model/policy.ts';
import { comparePolicies } from './compare-policies.ts';
import { whenDiffers, whenOnlyGit, whenOnlyLive, whenSame } from './consequence.ts';
import { gitSideOf } from './git-side.ts';
import { type JsonRecord, setText } from './json.ts';
import { toManifest } from './manifest.ts';
import { normalise } from './normalise.ts';
import { lastWriter, writersOf } from './ownership.ts';
import { similarity } from './similarity.ts';

/** A policy as a file in Git holds it; `normal` is `manifest` through `normalise.ts`. */
export interface GitPolicy {
  readonly kind: PatchablePolicy['kind'];
  readonly name: string;
  /** Absent when the document names none: the tool that applies it then chooses. */
  readonly namespace?: string;
  readonly file: { readonly path: string; readonly document: number };
  readonly manifest: JsonRecord;
  readonly normal: JsonRecord;
}

export interface Match<P extends GitPolicy> {
  readonly policy: P;
  /** Limits of the match in words, e.g. that the document names no namespace; empty when there are none. */
  readonly notes: readonly string[];
}

/**
 * The Git document behind a live policy: same kind and name, and the same namespace, or none in Git. Of several, one that
 * means the same as the live object, else the most similar; the note then says that there were several.
 */
export function matchOf<P extends GitPolicy>(live: PatchablePolicy, git: readonly P[]): Match<P> | undefined {
  const named = git.filter((candidate) => candidate.kind === live.kind && candidate.name === live.meta.name);
  const exact = named.filter((candidate) => candidate.namespace === live.meta.namespace);
  const candidates = exact.length > 0 ? exact : named.filter((candidate) => candidate.namespace === undefined);
  const normal = normalOf(live);
  const closeness = (candidate: P): number =>
    setText(candidate.normal) === setText(normal) ? 2 : similarity(candidate.normal, normal);
  const [best] = candidates.toSorted((a, b) => closeness(b) - closeness(a));
  if (best === undefined) return undefined;
  const byName = exact.length === 0 ? ['Matched by name: the Git document names no namespace.'] : [];
  return { policy: best, notes: [...byName, ...severalNote(candidates, best)] };
}

function severalNote(candidates: readonly GitPolicy[], best: GitPolicy): string[] {
  const others = candidates.filter((candidate) => candidate !== best).map((candidate) => candidate.file.path);
  if (others.length === 0) return [];
  return [
    `This repository defines it more than once (also in ${others.slice(0, 3).join(', ')}); ${best.file.path} is the closest to the live object, which of them is applied was not checked.`,
  ];
}

function normalOf(live: PatchablePolicy): JsonRecord {
  const result = normalise(live.kind, toManifest(live).manifest);
  return result.ok ? result.normal : {};
}

/** Live policies first, in their order; then what only Git has for the namespace and for the whole cluster. */
export function driftsOf(
  live: readonly PatchablePolicy[],
  git: readonly GitPolicy[],
  scope: { readonly namespace: string /** Files passed over. */; readonly unread: number },
): PolicyDrift[] {
  const taken = new Set<GitPolicy>();
  const drifts = live.map((policy) => {
    const match = matchOf(policy, git);
    for (const candidate of git) if (sameObject(policy, candidate)) taken.add(candidate);
    return match === undefined ? onlyLive(policy, scope.unread) : compared(policy, match);
  });
  const rest = git.filter((candidate) => !taken.has(candidate) && belongsTo(candidate, scope.namespace));
  return [...drifts, ...rest.map(onlyGit)];
}

function sameObject(live: PatchablePolicy, candidate: GitPolicy): boolean {
  const { name, namespace } = live.meta;
  if (candidate.kind !== live.kind || candidate.name !== name) return false;
  return candidate.namespace === undefined || candidate.namespace === namespace;
}

function belongsTo(candidate: GitPolicy, namespace: string): boolean {
  return candidate.kind === 'CiliumClusterwideNetworkPolicy' || candidate.namespace === namespace;
}

function refOf(kind: string, name: string, namespace: string | undefined): ObjectRef {
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

function head(live: PatchablePolicy): Pick<PolicyDrift, 'policy' | 'lastWriter' | 'writers'> {
  const writer = lastWriter(live.meta.managers);
  const policy = refOf(live.kind, live.meta.name, live.meta.namespace);
  return writer === undefined ? { policy } : { policy, lastWriter: writer, writers: writersOf(live.meta.managers) };
}

function onlyLive(live: PatchablePolicy, unread: number): PolicyDrift {
  return { ...head(live), kind: 'only_live', differences: [], consequence: whenOnlyLive(live.meta, unread) };
}

function onlyGit(candidate: GitPolicy): PolicyDrift {
  const namespace = candidate.kind === 'CiliumClusterwideNetworkPolicy' ? undefined : candidate.namespace;
  return {
    policy: refOf(candidate.kind, candidate.name, namespace),
    kind: 'only_git',
    file: candidate.file,
    differences: [],
    git: { ...gitSideOf(candidate.manifest, []), egress: candidate.normal },
    consequence: whenOnlyGit(),
  };
}

function compared(live: PatchablePolicy, match: Match<GitPolicy>): PolicyDrift {
  const differences = comparePolicies(normalOf(live), match.policy.normal);
  const same = differences.length === 0;
  const consequence = same ? whenSame(live.meta) : whenDiffers(live.meta, differences);
  return {
    ...head(live),
    kind: same ? 'same' : 'differs',
    file: match.policy.file,
    differences,
    git: gitSideOf(match.policy.manifest, differences),
    ...(match.notes.length > 0 && { notes: match.notes }),
    consequence: [consequence, ...match.notes].join(' '),
  };
}

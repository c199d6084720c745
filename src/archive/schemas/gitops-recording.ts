/** Recorded Git comparisons and patches, keyed by what was asked; repository URLs without credentials. */
import { z } from 'zod';
import type { Read } from '../../core/model/cluster-state.ts';
import type { DriftReport } from '../../core/model/drift.ts';
import type { PolicyPatch, Rendering, RepositoryRef } from '../../ports/gitops-source.ts';
import { readOf, text } from './common.ts';

const optional = text.exactOptional();

const rendering: z.ZodType<Rendering> = z.object({
  targetNamespace: optional,
  directory: z.object({ recurse: z.boolean(), include: optional, exclude: optional }).exactOptional(),
});

const repository: z.ZodType<RepositoryRef> = z.object({
  repository: text,
  ref: optional,
  path: optional,
  rendering: rendering.exactOptional(),
});

const drift = z.looseObject({
  policy: z.object({ kind: text, namespace: optional, name: text }),
  kind: z.enum(['same', 'differs', 'only_live', 'only_git']),
  file: z.looseObject({ path: text, document: z.number() }).exactOptional(),
  differences: z.array(z.looseObject({ path: text })),
  lastWriter: z.looseObject({ manager: text, time: optional }).exactOptional(),
  consequence: text,
});

const report: z.ZodType<DriftReport> = z.looseObject({
  repository: text,
  ref: text,
  commit: text,
  policies: z.array(drift),
  skipped: z.array(z.looseObject({ path: text, reason: text })),
});

const patch: z.ZodType<PolicyPatch> = z.looseObject({ diff: text, file: text, inGit: z.boolean(), note: optional });

export interface CompareRecording {
  readonly repository: RepositoryRef;
  readonly namespace: string;
  readonly result: Read<DriftReport>;
}

export interface PatchRecording {
  /** The changes as canonical JSON. */
  readonly changes: string;
  readonly repository?: RepositoryRef;
  readonly result: Read<PolicyPatch>;
}

export interface GitopsRecordings {
  readonly compare: readonly CompareRecording[];
  readonly patch: readonly PatchRecording[];
}

export const gitopsRecordings: z.ZodType<GitopsRecordings> = z.object({
  compare: z.array(z.object({ repository, namespace: text, result: readOf(report) })),
  patch: z.array(z.object({ changes: text, repository: repository.exactOptional(), result: readOf(patch) })),
});

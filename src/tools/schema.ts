/** Schema pieces that tools share; terse, because every client pays for tools/list in its context: diagnoseEgress describes them once. */
import * as z from 'zod';
import { DiagnoseError } from '../core/errors.ts';
import type { RepositoryRef } from '../ports/gitops-source.ts';

const name = z.string().max(253);

/** Which pod, in which cluster. */
export const podInput = {
  namespace: name,
  workload: name,
  context: name.optional(),
};

export const containerInput = { container: name.optional() };

/** The argument asks; the operator's flag allows, and the person is asked where the client can. */
export const ephemeralInput = { allowEphemeral: z.boolean().default(false) };

export const targetInput = z.string().max(4096);

export const repositoryInput = {
  repository: z
    .strictObject({
      repository: z.string().max(1024),
      ref: z.string().max(255).optional(),
      path: z.string().max(1024).optional(),
    })
    .optional(),
};

/** `10m`, `1h`, `2d`. */
export const sinceInput = z
  .string()
  .regex(/^[1-9]\d{0,4}[smhd]$/, 'must be a number and a unit, such as 30s, 10m, 1h or 2d')
  .default('1h');

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

export function secondsOf(since: string): number {
  return Number(since.slice(0, -1)) * (SECONDS[since.slice(-1)] ?? 1);
}

const anything = z.looseObject({});

/** `state` is what every client must heed; id, statement, evidence and notChecked are told once, by diagnoseEgress. */
const finding = z.looseObject({ state: z.enum(['confirmed', 'ruled_out', 'not_checked']) });

export const fullFinding = finding.extend({
  id: z.string(),
  statement: z.string(),
  evidence: z.array(anything),
  notChecked: anything.optional(),
});

/** What every answer has; only this is required, so that a failed call can answer honestly too. */
export const answerOutput = { findings: z.array(finding) };

export const object = anything.optional();
export const list = z.array(z.unknown()).optional();

/** @throws DiagnoseError usage REPOSITORY_INVALID: whatever is not an http(s) or ssh URL or an absolute path, or could be read as an option. */
export function checkedRepository(given: z.output<typeof repositoryInput.repository>): { repository?: RepositoryRef } {
  if (given === undefined) return {};
  const { repository, ref, path } = given;
  if (!/^((https?|ssh):\/\/[^/]|\/|[A-Za-z0-9_][^/:\s]*@[^/:\s]+:)/.test(repository))
    throw badRepository('repository must be an http(s) or ssh URL or an absolute path');
  if (ref !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_./@+-]*$/.test(ref))
    throw badRepository('ref must be a branch, tag or commit name');
  if (path !== undefined && path.split('/').includes('..')) throw badRepository('path must stay inside the repository');
  return { repository: { repository, ...(ref === undefined ? {} : { ref }), ...(path === undefined ? {} : { path }) } };
}

function badRepository(rule: string): DiagnoseError {
  const example =
    'For example {"repository": "https://git.example.com/shop/policies", "ref": "main", "path": "policies"}.';
  return new DiagnoseError('usage', 'REPOSITORY_INVALID', `The repository cannot be used: ${rule}.`, example);
}

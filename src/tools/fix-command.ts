/** The `fix` command: proposePolicyFix, then, where a person asked for it, the change in their local repository. No MCP tool writes. */
import { DiagnoseError } from '../core/errors.ts';
import type { PullRequest } from '../core/model/diagnosis.ts';
import type { GitopsSource } from '../ports/gitops-source.ts';
import type { PatchWriter, Written } from '../ports/patch-writer.ts';
import { describeError, runTool, type ToolError, type ToolOutcome } from './run-tool.ts';
import type { ToolContext } from './tool.ts';

export type OpenPatchWriter = () => Promise<PatchWriter>;

interface FixRequest {
  readonly input: unknown;
  /** Absent: only the proposal. */
  readonly write?: { readonly branch?: string; readonly accepted?: true };
}

type PatchArguments = Parameters<GitopsSource['patch']>;

/** The tool's own outcome; where a person asked for the change to be made, with what was written or why nothing was. */
export interface FixOutcome extends ToolOutcome {
  readonly refusal?: ToolError;
}

export async function runFix(
  openWriter: OpenPatchWriter,
  request: FixRequest,
  context: ToolContext,
): Promise<FixOutcome> {
  let asked: PatchArguments | undefined;
  const openDeps: ToolContext['openDeps'] = async (name) => {
    const deps = await context.openDeps(name);
    // The patch is made once more where it is written, from the same question.
    const patch: GitopsSource['patch'] = (...question) => {
      asked = question;
      return deps.gitops.patch(...question);
    };
    return { ...deps, gitops: { compare: (...question) => deps.gitops.compare(...question), patch } };
  };
  const outcome = await runTool('proposePolicyFix', request.input, { ...context, openDeps });
  if (request.write === undefined || outcome.error !== undefined) return outcome;
  try {
    const written = await write(await openWriter(), { asked, outcome, ...request.write }, context);
    return { ...outcome, structured: { ...outcome.structured, written }, text: `${outcome.text}\n\n${said(written)}` };
  } catch (thrown) {
    const refusal = describeError(thrown, context.run.signal);
    const { code, message, nextStep } = refusal;
    return { ...outcome, structured: { ...outcome.structured, error: { code, message, nextStep } }, refusal };
  }
}

interface Proposal {
  readonly asked: PatchArguments | undefined;
  readonly outcome: ToolOutcome;
  readonly branch?: string;
  /** Somebody read what the change opens besides, and means it. */
  readonly accepted?: true;
}

/** The parts of the structured answer that writing rests on. */
interface Proposed {
  readonly after: string;
  readonly diff: string;
  readonly inGit: boolean;
  readonly needsConsent?: readonly string[];
  readonly pullRequest: PullRequest;
}

function write(writer: PatchWriter, proposal: Proposal, { run }: ToolContext): Promise<Written> {
  const { asked, outcome, branch, accepted } = proposal;
  const fix = outcome.structured['fix'] as Proposed | undefined;
  if (fix === undefined || asked === undefined) throw refused('no change is proposed', 'See the findings.');
  if (fix.after !== 'allowed')
    throw refused(
      'the change is not proved to let the pod through',
      'Apply the diff by hand if it is right all the same.',
    );
  const [changes, live, repo] = asked;
  if (repo === undefined || !fix.inGit)
    throw refused(
      'the diff is not against a file in Git',
      'Name the local repository that holds the policy: --repo PATH.',
    );
  if (fix.needsConsent !== undefined && !accepted)
    throw refused(
      `it needs your consent: ${fix.needsConsent.join('; ')}`,
      'If all of that is meant, run the command again with --accept-warnings.',
    );
  const { title, body } = fix.pullRequest;
  run.progress(branch === undefined ? 'writing to the working tree' : `committing on the new branch ${branch}`);
  const place = branch === undefined ? {} : { branch };
  return writer.write({ changes, live, repo, diff: fix.diff, ...place, message: `${title}\n\n${body}` }, run.signal);
}

function refused(why: string, nextStep: string): DiagnoseError {
  return new DiagnoseError('cluster', 'WRITE_REFUSED', `Nothing was written: ${why}.`, nextStep);
}

function said({ files, branch, commit }: Written): string {
  const list = files.join(', ');
  return branch === undefined
    ? `Written to the working tree: ${list}. Nothing is committed.`
    : `Committed on the new branch ${branch} (${commit?.slice(0, 12) ?? ''}): ${list}. Nothing is pushed.`;
}

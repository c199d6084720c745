/** The `capture` command: diagnoseEgress on recording ports. No MCP tool, because a server writes no files for its client. */
import type { Diagnosis } from '../core/model/diagnosis.ts';
import type { Recording } from '../diagnose/capture.ts';
import { runTool, type ToolOutcome } from './run-tool.ts';
import type { ToolContext } from './tool.ts';

export type OpenRecording = (context: string | undefined) => Promise<Recording>;

/** The tool's own outcome, so that a replay can be compared with it; nothing is written when the diagnosis failed. */
export async function runCapture(
  open: OpenRecording,
  request: { readonly input: unknown; readonly directory: string },
  context: Omit<ToolContext, 'openDeps'>,
): Promise<ToolOutcome> {
  let recording: Recording | undefined;
  const openDeps: ToolContext['openDeps'] = async (name) => {
    recording = await open(name);
    return recording.deps;
  };
  const outcome = await runTool('diagnoseEgress', request.input, { ...context, openDeps });
  if (outcome.error === undefined && recording !== undefined) {
    // A replay may be asked about Git, which this diagnosis was not.
    await recording.deps.cluster.readSync(recording.deps.clock.now(), context.run.signal);
    context.run.progress(`writing the capture to ${request.directory}`);
    // An outcome without error has the tool's output schema.
    await recording.write(request.directory, outcome.structured as unknown as Diagnosis);
  }
  return outcome;
}

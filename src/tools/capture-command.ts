/** The `capture` command: a diagnosis on recording ports. No MCP tool, because a server writes no files for its client. */
import { capture, type Recording } from '../diagnose/capture.ts';
import { verdictLine } from '../render/diagnosis.ts';
import { checkedInput } from './checked-input.ts';
import { diagnoseEgressInput, questionOf } from './diagnose-egress.ts';
import type { ToolContext } from './tool.ts';

export type OpenRecording = (context: string | undefined) => Promise<Recording>;

/** Answers the verdict line of the recorded diagnosis. */
export async function runCapture(
  open: OpenRecording,
  request: { readonly input: unknown; readonly directory: string },
  run: ToolContext['run'],
): Promise<string> {
  const input = questionOf(checkedInput('capture', diagnoseEgressInput, request.input));
  const diagnosis = await capture(await open(undefined), input, request.directory, run);
  return verdictLine(diagnosis);
}

/** Runs one command: reads the command line, calls the tool behind it, prints the result, answers the exit code. */
import { type Command, readCommandLine } from '../config/command-line.ts';
import type { Settings, Surroundings } from '../config/settings.ts';
import { VERSION } from '../config/version.ts';
import { type OpenRecording, runCapture } from '../tools/capture-command.ts';
import { type OpenPatchWriter, runFix } from '../tools/fix-command.ts';
import { describeError, errorText, runTool, stackOf, type ToolOutcome } from '../tools/run-tool.ts';
import type { ToolContext } from '../tools/tool.ts';
import { EXIT, exitCodeOf, exitCodeOfError } from './exit-code.ts';
import { helpText, toolHelp } from './help.ts';
import type { Io } from './io.ts';
import { PLAIN } from './plain-style.ts';
import { createProgress } from './progress.ts';

/** What `main.ts` plugs in: this room knows neither adapters nor the MCP SDK. */
export interface Wiring {
  readonly compose: (settings: Settings) => Promise<{
    openDeps: ToolContext['openDeps'];
    openRecording: OpenRecording;
    openPatchWriter: OpenPatchWriter;
  }>;
  readonly serve: (settings: Settings) => Promise<number>;
  readonly signal: AbortSignal;
}

export async function runCommandLine(
  argv: readonly string[],
  around: Surroundings,
  io: Io,
  wiring: Wiring,
): Promise<number> {
  try {
    return await runCommand(readCommandLine(argv, around), io, wiring);
  } catch (thrown) {
    const error = describeError(thrown, wiring.signal);
    io.err(`k8s-egress-diagnose: ${errorText(error)}\n`);
    if (error.kind === 'bug') io.err(`${stackOf(thrown)}\n`);
    return exitCodeOfError(error.kind);
  }
}

async function runCommand(command: Command, io: Io, wiring: Wiring): Promise<number> {
  switch (command.kind) {
    case 'help':
      await io.out(command.tool === undefined ? helpText(VERSION) : toolHelp(command.tool));
      return EXIT.reachable;
    case 'version':
      await io.out(`${VERSION}\n`);
      return EXIT.reachable;
    case 'mcp':
      return wiring.serve(command.settings);
    case 'diagnose':
      return answer(await toolOutcome('diagnoseEgress', command, io, wiring), command.json, io);
    case 'fix':
      return fix(command, io, wiring);
    case 'call':
      return answer(await toolOutcome(command.tool, command, io, wiring), true, io);
    case 'capture':
      return record(command, io, wiring);
  }
}

async function toolOutcome(
  tool: string,
  { settings, input }: { settings: Settings; input: unknown },
  io: Io,
  wiring: Wiring,
): Promise<ToolOutcome> {
  const progress = createProgress(io);
  const { openDeps } = await wiring.compose(settings);
  const run = { signal: wiring.signal, progress: progress.step };
  const outcome = await runTool(tool, input, { openDeps, run, style: PLAIN });
  progress.done();
  return outcome;
}

async function answer(outcome: ToolOutcome, json: boolean, io: Io): Promise<number> {
  if (json) await io.out(`${JSON.stringify(outcome.structured, null, 2)}\n`);
  else if (outcome.error === undefined) await io.out(`${outcome.text}\n`);
  if (outcome.error !== undefined) io.err(`k8s-egress-diagnose: ${outcome.text}\n`);
  if (outcome.internal !== undefined) io.err(`${outcome.internal}\n`);
  return exitCodeOf(outcome);
}

/** Exit code 0 means proposed, or written where that was asked for; 2 that there is no change to make it work. */
async function fix(command: Command & { kind: 'fix' }, io: Io, wiring: Wiring): Promise<number> {
  const progress = createProgress(io);
  const { openDeps, openPatchWriter } = await wiring.compose(command.settings);
  const run = { signal: wiring.signal, progress: progress.step };
  const context = { openDeps, run, style: PLAIN };
  const outcome = await runFix(openPatchWriter, command, context).finally(() => progress.done());
  const code = await answer(outcome, command.json, io);
  const { error, refusal } = outcome;
  if (error !== undefined) return code;
  if (refusal !== undefined) {
    io.err(`k8s-egress-diagnose: ${errorText(refusal)}\n`);
    return exitCodeOfError(refusal.kind);
  }
  const { fix: proposed, decision } = outcome.structured;
  return proposed === undefined && decision !== 'allowed' ? EXIT.undetermined : EXIT.reachable;
}

/** Exit code 0 means recorded, whatever the verdict: the capture is the result. */
async function record(command: Command & { kind: 'capture' }, io: Io, wiring: Wiring): Promise<number> {
  const progress = createProgress(io);
  const { openRecording } = await wiring.compose(command.settings);
  const run = { signal: wiring.signal, progress: progress.step };
  const outcome = await runCapture(openRecording, command, { run, style: PLAIN }).finally(() => progress.done());
  const code = await answer(outcome, command.json, io);
  if (outcome.error !== undefined) return code;
  io.err(`Recorded in ${command.directory}; replay it with --archive ${command.directory}\n`);
  return EXIT.reachable;
}

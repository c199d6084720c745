/** The one error boundary: whatever a tool does, server and cli get an outcome; nothing below is expected to catch. */
import { DiagnoseError, type ErrorKind } from '../core/errors.ts';
import { clean } from '../core/text/clean.ts';
import { checkedInput } from './checked-input.ts';
import { lastLook } from './last-look.ts';
import { TOOLS } from './registry.ts';
import type { Tool, ToolContext } from './tool.ts';

export interface ToolError {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
}

export interface ToolOutcome {
  /** Obeys the tool's output schema whether or not the call failed. */
  readonly structured: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly error?: ToolError;
  /** The stack of our own fault, for the log; never for the client. */
  readonly internal?: string;
}

const MAX_MESSAGE = 2000;
/** Every answer has findings. */
const UNTRUSTED_IN_FINDINGS = ['findings[].evidence[].untrusted', 'findings[].notChecked.said'];

export async function runTool(name: string, input: unknown, context: ToolContext): Promise<ToolOutcome> {
  return lastLook(await outcomeOf(name, input, context));
}

async function outcomeOf(name: string, input: unknown, context: ToolContext): Promise<ToolOutcome> {
  const tool = TOOLS.find((candidate) => candidate.name === name);
  try {
    if (tool === undefined) throw unknownTool(name);
    return await attempt(tool, input, context);
  } catch (thrown) {
    return failure(tool, thrown, context.run.signal);
  }
}

async function attempt(tool: Tool, input: unknown, context: ToolContext): Promise<ToolOutcome> {
  checkedInput(tool.name, tool.input, input);
  const { structured, text } = await tool.run(input ?? {}, context);
  const marked = { ...structured, untrustedFields: [...new Set([...tool.untrusted, ...UNTRUSTED_IN_FINDINGS])] };
  tool.output.parse(marked);
  return { structured: marked, text };
}

function failure(tool: Tool | undefined, thrown: unknown, signal: AbortSignal): ToolOutcome {
  const error = describeError(thrown, signal);
  const { kind, code, message, nextStep } = error;
  const notChecked = { what: 'the answer', code: kind === 'usage' ? 'invalid' : 'refused', reason: message, nextStep };
  const finding = { id: 'call-failed', state: 'not_checked', statement: message, evidence: [], notChecked };
  return {
    structured: { ...tool?.failed(nextStep), findings: [finding], error: { code, message, nextStep } },
    text: errorText(error),
    error,
    ...(kind === 'bug' ? { internal: stackOf(thrown) } : {}),
  };
}

export function errorText({ code, message, nextStep }: ToolError): string {
  return `ERROR ${code}: ${message}\nNext: ${nextStep}`;
}

/** Also for what goes wrong outside a tool: turns anything thrown into words with a next step. */
export function describeError(thrown: unknown, signal?: AbortSignal): ToolError {
  if (thrown instanceof DiagnoseError) {
    const { kind, code, message, nextStep } = thrown;
    return { kind, code, message: clean(message, MAX_MESSAGE), nextStep: clean(nextStep, MAX_MESSAGE) };
  }
  if (signal?.aborted === true) {
    return {
      kind: 'cluster',
      code: 'CANCELLED',
      message: 'The call was cancelled.',
      nextStep: 'Call again to get an answer.',
    };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    kind: 'bug',
    code: 'INTERNAL',
    message: `A fault of this program: ${clean(message, MAX_MESSAGE)}`,
    nextStep: 'Please report it with the command and what standard error shows.',
  };
}

export function unknownTool(name: string): DiagnoseError {
  const known = TOOLS.map((tool) => tool.name).join(', ');
  return new DiagnoseError(
    'usage',
    'TOOL_UNKNOWN',
    `There is no tool ${JSON.stringify(name.slice(0, 80))}.`,
    `The tools are: ${known}.`,
  );
}

export function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

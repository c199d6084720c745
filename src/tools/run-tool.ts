/** The one error boundary: whatever a tool does, server and cli get an outcome; nothing below is expected to catch. */
import * as z from 'zod';
import { DiagnoseError, type ErrorKind } from '../core/errors.ts';
import { clean } from '../core/text/clean.ts';
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
  /** What went wrong inside, for the log; never for the client. */
  readonly internal?: unknown;
}

const MAX_MESSAGE = 2000;

export async function runTool(name: string, input: unknown, context: ToolContext): Promise<ToolOutcome> {
  const tool = TOOLS.find((candidate) => candidate.name === name);
  try {
    if (tool === undefined) throw unknownTool(name);
    return await attempt(tool, input, context);
  } catch (thrown) {
    return failure(tool, thrown, context.run.signal);
  }
}

async function attempt(tool: Tool, input: unknown, context: ToolContext): Promise<ToolOutcome> {
  const checked = tool.input.safeParse(input ?? {});
  if (!checked.success) throw badInput(tool, checked.error);
  const { structured, text } = await tool.run(input ?? {}, context);
  const marked = { ...structured, ...(tool.untrusted.length > 0 && { untrustedFields: tool.untrusted }) };
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
    text: `ERROR ${code}: ${message}\nNext: ${nextStep}`,
    error,
    ...(kind === 'bug' ? { internal: thrown } : {}),
  };
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

function unknownTool(name: string): DiagnoseError {
  const known = TOOLS.map((tool) => tool.name).join(', ');
  return new DiagnoseError(
    'usage',
    'TOOL_UNKNOWN',
    `There is no tool ${JSON.stringify(name.slice(0, 80))}.`,
    `The tools are: ${known}.`,
  );
}

function badInput(tool: Tool, error: z.ZodError): DiagnoseError {
  const rules = error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`);
  const fields = Object.entries(tool.input.shape).map(([field, schema]) =>
    z.safeParse(schema, undefined).success ? `${field}?` : field,
  );
  return new DiagnoseError(
    'usage',
    'INPUT_INVALID',
    `${tool.name}: ${rules.join('; ')}`,
    `Its fields are ${fields.join(', ')} (? marks those that may be left out).`,
  );
}

/** What a tool is: name, schemas, hints and handler in one value; the registry lists them, server and cli serve them. */
import type * as z from 'zod';
import type { Deps, Run } from '../diagnose/deps.ts';
import type { RenderStyle } from '../render/style.ts';
import { harmless } from './harmless.ts';

/** What a call is given: how to get at a cluster (opened on first need), how to report, how to mark text of others. */
export interface ToolContext {
  /** The cluster of this context; the default one when absent. @throws DiagnoseError KUBECONFIG_MISSING and its kin. */
  readonly openDeps: (context: string | undefined) => Promise<Deps>;
  readonly run: Run;
  readonly style: RenderStyle;
}

/** MCP's four hints. They inform a client's confirmation dialogue; nothing here relies on them. */
export interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** Reads objects, logs and flows only. */
export const READS: ToolHints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
};
/** Runs a fixed program inside the pod: harmless, repeatable, yet more than reading. */
export const PROBES: ToolHints = { ...READS, readOnlyHint: false };

export interface ToolAnswer {
  readonly structured: object;
  readonly text: string;
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly hints: ToolHints;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** Where the structured answer holds text of others, as `list[].field` paths. */
  readonly untrusted: readonly string[];
  /** What a failed call answers beside `findings` and `error`, so that it still obeys the output schema. */
  readonly failed: (nextStep: string) => object;
  readonly run: (input: unknown, context: ToolContext) => Promise<ToolAnswer>;
}

interface Definition<I extends z.ZodObject, A extends object> extends Omit<Tool, 'input' | 'run' | 'failed'> {
  readonly input: I;
  readonly failed?: (nextStep: string) => object;
  readonly answer: (input: z.output<I>, context: ToolContext) => Promise<A>;
  readonly text: (answer: A, style: RenderStyle) => string;
}

/** Ties the handler's types to the input schema, then forgets them, so that tools of any shape fit one registry. */
export function defineTool<I extends z.ZodObject, A extends object>({ answer, text, ...tool }: Definition<I, A>): Tool {
  return {
    failed: () => ({}),
    ...tool,
    async run(input, context) {
      const structured = harmless(await answer(tool.input.parse(input), context));
      return { structured, text: text(structured, context.style) };
    },
  };
}

/** The registry as an MCP server: lists tools, runs calls through the one error boundary. Cheap: opens nothing. */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { clean } from '../core/text/clean.ts';
import { jsonSchemaOf } from '../tools/json-schema.ts';
import { TOOLS } from '../tools/registry.ts';
import { runTool, type ToolOutcome } from '../tools/run-tool.ts';
import type { Tool, ToolContext } from '../tools/tool.ts';
import { confirmThrough } from './confirm.ts';
import { fencedStyle } from './fenced-style.ts';
import { INSTRUCTIONS } from './instructions.ts';

export interface ServerOptions {
  readonly version: string;
  readonly openDeps: ToolContext['openDeps'];
  /** Hears one line a call and the stack of our own faults; must not write to standard output. */
  readonly log: (line: string) => void;
}

/** The low-level server, because it leaves input errors and the size of tools/list to us. */
export function buildServer({ version, openDeps, log }: ServerOptions): Server {
  const info = { name: 'k8s-egress-diagnose', title: 'Kubernetes egress diagnosis', version };
  const server = new Server(info, { capabilities: { tools: {} }, instructions: INSTRUCTIONS });

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOLS.map(describeTool) }));

  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const token = extra._meta?.progressToken;
    let steps = 0;
    const progress = (message: string): void => {
      if (token === undefined) return;
      steps += 1;
      const notification = { progressToken: token, progress: steps, message: clean(message, 200) };
      // A client that went away is noticed by the transport; a lost progress line is no fault of the call.
      extra.sendNotification({ method: 'notifications/progress', params: notification }).catch(() => {});
    };
    const started = performance.now();
    const confirm = confirmThrough(server, extra, log);
    const run = { signal: extra.signal, progress, ...(confirm === undefined ? {} : { confirm }) };
    const context = { openDeps, run, style: fencedStyle() };
    const outcome = await runTool(params.name, params.arguments, context);
    log(auditLine(params.name, params.arguments, outcome, performance.now() - started));
    if (outcome.internal !== undefined) log(outcome.internal);
    return toResult(outcome);
  });
  return server;
}

function describeTool({ name, title, description, hints, input, output }: Tool) {
  return {
    name,
    title,
    description,
    inputSchema: jsonSchemaOf(input, 'input'),
    outputSchema: jsonSchemaOf(output, 'output'),
    annotations: hints,
  };
}

function toResult({ structured, text, error }: ToolOutcome) {
  return {
    content: [{ type: 'text' as const, text }],
    structuredContent: { ...structured },
    ...(error === undefined ? {} : { isError: true }),
  };
}

function auditLine(
  tool: string,
  given: Readonly<Record<string, unknown>> = {},
  outcome: ToolOutcome,
  ms: number,
): string {
  const asked = ['context', 'namespace', 'workload', 'target'].flatMap((key) =>
    typeof given[key] === 'string' ? [`${key}=${clean(given[key], 200).replace(/\s+/g, ' ')}`] : [],
  );
  const ephemeral = given['allowEphemeral'] === true ? ['allowEphemeral'] : [];
  return [clean(tool, 80), ...asked, ...ephemeral, `→ ${outcome.error?.code ?? 'ok'} in ${Math.round(ms)} ms`].join(
    ' ',
  );
}

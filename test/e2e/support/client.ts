/** A real MCP client over stdio to the built server: the way every end-to-end assertion goes. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';

export interface ToolAnswer {
  readonly text: string;
  // biome-ignore lint: the suite asserts on parts of a structure whose schema the SDK has already checked
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly structured: any;
  readonly isError: boolean;
}

export interface TestClient {
  call(tool: string, args: Record<string, unknown>): Promise<ToolAnswer>;
  readonly client: Client;
  /** Of the server's process. */
  pid(): number;
  close(): Promise<void>;
}

/** With `answer` the client can ask its user, who says that to every question. */
export async function startClient(args: readonly string[], answer?: ElicitResult): Promise<TestClient> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['dist/main.js', 'mcp', ...args],
    stderr: 'pipe',
  });
  const capabilities = answer === undefined ? {} : { elicitation: {} };
  const client = new Client({ name: 'egress-e2e', version: '1' }, { capabilities });
  if (answer !== undefined) client.setRequestHandler(ElicitRequestSchema, () => answer);
  await client.connect(transport);
  await client.listTools(); // lets the SDK check every structured answer against the tool's output schema
  return {
    client,
    close: () => client.close(),
    pid: () => transport.pid ?? 0,
    call: async (tool, toolArgs) => {
      const answer = await client.callTool({ name: tool, arguments: toolArgs }, undefined, { timeout: 60_000 });
      const content = answer.content as { type: string; text?: string }[];
      return {
        text: content.map((part) => part.text ?? '').join('\n'),
        structured: answer.structuredContent,
        isError: answer.isError === true,
      };
    },
  };
}

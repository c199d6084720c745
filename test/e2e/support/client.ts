/** A real MCP client over stdio to the built server: the way every end-to-end assertion goes. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

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
  close(): Promise<void>;
}

export async function startClient(args: readonly string[]): Promise<TestClient> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['dist/main.js', 'mcp', ...args],
    stderr: 'pipe',
  });
  const client = new Client({ name: 'egress-e2e', version: '1' });
  await client.connect(transport);
  await client.listTools(); // lets the SDK check every structured answer against the tool's output schema
  return {
    client,
    close: () => client.close(),
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

/**
 * `npm run demo`: replays the capture in test/demo/capture through the built server, as a client would ask it, and prints the
 * report: what failed, why, the proof, the fix. Nothing is contacted.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const capture = process.argv[2] ?? join(root, 'test/demo/capture');
const QUESTION_FILE = join(capture, 'question.json');

interface Result {
  readonly isError?: boolean;
  readonly content: readonly { readonly text?: string }[];
}

function question(): Record<string, unknown> {
  if (!existsSync(QUESTION_FILE)) {
    process.stderr.write(
      `There is no demo capture: ${QUESTION_FILE} is missing. CONTRIBUTING.md says how one is recorded.\n`,
    );
    process.exit(1);
  }
  return JSON.parse(readFileSync(QUESTION_FILE, 'utf8')) as Record<string, unknown>;
}

async function ask(input: Record<string, unknown>): Promise<Result> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [join(root, 'dist/main.js'), 'mcp', '--archive', capture],
    stderr: 'ignore',
  });
  const client = new Client({ name: 'demo', version: '1' });
  await client.connect(transport);
  const step = process.stderr.isTTY ? (text: string) => process.stderr.write(`… ${text}\n`) : () => {};
  const result = await client.callTool({ name: 'diagnoseEgress', arguments: input }, undefined, {
    onprogress: ({ message }) => step(message ?? ''),
  });
  await client.close();
  return result as unknown as Result;
}

/** Fences are for models; here, as on a terminal, a bar marks what a pod or a log said. */
function forPeople(text: string): string {
  return text
    .replace(/^( *)<untrusted-(\w+)>\n([\s\S]*?)\n *<\/untrusted-\2>/gm, (_, pad: string, _nonce, inner: string) =>
      inner
        .split('\n')
        .map((line) => `${pad}│ ${line.startsWith(pad) ? line.slice(pad.length) : line}`)
        .join('\n'),
    )
    .replace(/<untrusted-(\w+)>([^\n]*)<\/untrusted-\1>/g, '$2');
}

const { content, isError } = await ask(question());
process.stdout.write(`${forPeople(content.map(({ text }) => text ?? '').join('\n'))}\n`);
process.exitCode = isError === true ? 1 : 0;

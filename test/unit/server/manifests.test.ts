import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };

const mcp = JSON.parse(readFileSync(new URL('../../../mcp.json', import.meta.url), 'utf8')) as {
  mcpServers: Record<string, { type: string; command: string; args: string[] }>;
};

it('mcp.json starts the published version of this package as a server', () => {
  expect(mcp.mcpServers).toEqual({
    [manifest.name]: { type: 'stdio', command: 'npx', args: ['-y', `${manifest.name}@${manifest.version}`, 'mcp'] },
  });
});

it('the package holds the program that its bin names', () => {
  expect(manifest.bin).toEqual({ [manifest.name]: 'dist/main.js' });
  expect(manifest.files).toContain('dist');
});

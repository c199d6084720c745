import { describe, expect, it } from 'vitest';
import { DiagnoseError } from '../../../src/core/errors.ts';
import { TOOLS } from '../../../src/tools/registry.ts';
import { runTool } from '../../../src/tools/run-tool.ts';
import type { ToolContext } from '../../../src/tools/tool.ts';
import { STYLE } from '../render/sample.ts';

const POD = { namespace: 'shop', workload: 'checkout' };

function contextThat(fails: () => never, signal: AbortSignal = new AbortController().signal): ToolContext {
  return { openDeps: async () => fails(), run: { signal, progress: () => {} }, style: STYLE };
}

const thrower = (error: unknown) => (): never => {
  throw error;
};

describe('error boundary', () => {
  it.each(TOOLS.map(({ name }) => name))(
    '%s: whatever is thrown becomes an answer that obeys its schema',
    async (name) => {
      const tool = TOOLS.find((candidate) => candidate.name === name);
      const input = { ...POD, target: 'x.example', names: ['x.example'], repository: { repository: '/r' } };
      const fields = Object.keys(tool?.input.shape ?? {});
      const given = Object.fromEntries(Object.entries(input).filter(([key]) => fields.includes(key)));
      for (const thrown of [
        new TypeError('x is not a function'),
        'text',
        undefined,
        new DiagnoseError('cluster', 'C', 'm', 'n'),
      ]) {
        const { error, structured } = await runTool(name, given, contextThat(thrower(thrown)));
        expect(error?.kind).toBe(thrown instanceof DiagnoseError ? 'cluster' : 'bug');
        expect(tool?.output.safeParse(structured).error).toBeUndefined();
        expect(structured['findings']).toMatchObject([{ state: 'not_checked' }]);
      }
    },
  );

  it('keeps the stack for the log and out of the answer', async () => {
    const { error, text, structured, internal } = await runTool(
      'listEgressPolicies',
      POD,
      contextThat(thrower(new TypeError('boom'))),
    );
    expect(error).toMatchObject({ kind: 'bug', code: 'INTERNAL' });
    expect(internal).toContain('run-tool.test.ts');
    expect(`${text}${JSON.stringify(structured)}`).not.toContain('run-tool.test.ts');
  });

  it('a cancelled call says so', async () => {
    const aborted = AbortSignal.abort();
    const { error } = await runTool('listEgressPolicies', POD, contextThat(thrower(aborted.reason), aborted));
    expect(error).toMatchObject({ kind: 'cluster', code: 'CANCELLED' });
  });

  it('redacts and cleans what an error message carries', async () => {
    const message = 'https://me:hunter2secret@git.example/x failed \u001b[2J\u202e';
    const { text } = await runTool(
      'listEgressPolicies',
      POD,
      contextThat(thrower(new DiagnoseError('cluster', 'X', message, 'next'))),
    );
    expect(text).not.toContain('hunter2secret');
    expect(text).not.toMatch(/[\u001b\u202e]/);
  });

  it('asks for no cluster before the input is known to be good', async () => {
    const context = contextThat(thrower(new Error('the cluster was opened')));
    for (const target of ['two words', '-x', '$(id)', 'x.example:0', '']) {
      const { error } = await runTool('diagnoseEgress', { ...POD, target }, context);
      expect(error?.kind).toBe('usage');
    }
  });

  it.each([
    ['grepPodLogs', { ...POD, since: '5x' }, 'since must be a number and a unit, such as 30s, 10m, 1h or 2d'],
    ['grepPodLogs', { ...POD, pod: 'x' }, 'the input has no field "pod"'],
    ['grepPodLogs', { namespace: 'shop' }, 'workload is missing'],
    ['grepPodLogs', { ...POD, namespace: 7 }, 'namespace must be of type string'],
    ['grepPodLogs', { ...POD, pattern: '' }, 'pattern must have at least 1 characters'],
    ['observeFlows', { ...POD, verdicts: ['DROPPED'] }, 'verdicts.0 must be one of forwarded, dropped'],
    ['observeFlows', { ...POD, limit: 1000 }, 'limit must be at most 200'],
    ['matchFqdn', { names: [] }, 'names must have at least 1 entries'],
    ['diffGitPolicies', { ...POD, repository: 'https://git.example/x' }, 'repository must be of type object'],
    ['diffGitPolicies', [], 'the input must be of type object'],
  ])('%s %j: %s', async (tool, input, rule) => {
    const { error } = await runTool(tool, input, contextThat(thrower(new Error('opened'))));
    expect(error).toMatchObject({ kind: 'usage', code: 'INPUT_INVALID' });
    expect(error?.message).toContain(rule);
  });

  it.each([
    ['x.example:8443', 443],
    ['https://x.example:8443/a', 443],
    ['http://x.example:443', 8080],
  ])('refuses a destination that names two ports: %s and %i', async (host, port) => {
    const { error } = await runTool(
      'listEgressPolicies',
      { ...POD, to: { host, port } },
      contextThat(thrower(new Error('opened'))),
    );
    expect(error).toMatchObject({ kind: 'usage', code: 'DESTINATION_INVALID' });
  });

  it('names the fields of the part of the input that does not fit', async () => {
    const open = contextThat(thrower(new Error('opened')));
    const port = await runTool('listEgressPolicies', { ...POD, to: { hostname: 'x.example' } }, open);
    expect(port.error?.message).toContain('to has no field "hostname"');
    expect(port.error?.nextStep).toContain('within to, the fields are host?, cnames?, addresses?, port?, protocol?');
    const git = await runTool('diffGitPolicies', { ...POD, repository: 'https://git.example/x' }, open);
    expect(git.error?.nextStep).toContain('within repository, the fields are repository, ref?, path?');
  });

  it('names the fields of a tool when the input does not fit', async () => {
    const { error } = await runTool('grepPodLogs', { nonsense: 1 }, contextThat(thrower(new Error('opened'))));
    expect(error?.message).toContain('namespace');
    expect(error?.nextStep).toContain('namespace, workload, context?, container?');
  });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARCHIVE, bareEnv, connect, ensureBundle, type Session } from './bundle.ts';

interface Answer {
  readonly isError?: boolean;
  readonly content: readonly { readonly type: string; readonly text: string }[];
  readonly structuredContent: Readonly<Record<string, unknown>>;
}

const home = mkdtempSync(join(tmpdir(), 'egress-home-'));
const POD = { namespace: 'shop', workload: 'checkout-7d9f' };

async function call({ client }: Session, name: string, args: Record<string, unknown>): Promise<Answer> {
  return (await client.callTool({ name, arguments: args })) as unknown as Answer;
}

async function codeOf(session: Session, name: string, args: Record<string, unknown>): Promise<string> {
  const { isError, structuredContent, content } = await call(session, name, args);
  if (isError !== true) return 'no error';
  const { code, message, nextStep } = structuredContent['error'] as Record<string, string>;
  expect(message).toBeTruthy();
  expect(nextStep).toBeTruthy();
  expect(content[0]?.text).toContain(`ERROR ${code}`);
  expect(content[0]?.text).toContain(`Next: ${nextStep}`);
  return code ?? 'no code';
}

beforeAll(ensureBundle, 60_000);

describe('MCP server over an archive of manifests', () => {
  let session: Session;
  beforeAll(async () => {
    session = await connect(['--archive', ARCHIVE], bareEnv(home));
  });
  afterAll(() => session.close());

  it('lists eight tools in at most 8,000 characters, the same each time', async () => {
    const first = await session.client.listTools();
    expect(first.tools).toHaveLength(8);
    expect(JSON.stringify(first).length).toBeLessThanOrEqual(8000);
    expect(JSON.stringify(await session.client.listTools())).toBe(JSON.stringify(first));
  });

  it('introduces itself within what clients keep of instructions', () => {
    const instructions = session.client.getInstructions() ?? '';
    expect(instructions).toContain('diagnoseEgress');
    expect(instructions.length).toBeLessThanOrEqual(2048);
  });

  it.each([
    [{ host: 'api.vendor.example' }, 'allowed'],
    [{ host: 'api.vendor.example', port: 8443 }, 'denied'],
    [{ host: 'files.vendor.example', cnames: ['blob.store.example'], addresses: ['192.0.2.20'], port: 443 }, 'denied'],
  ])('evaluates %j without a probe: %s', async (to, decision) => {
    const { structuredContent, isError } = await call(session, 'listEgressPolicies', { ...POD, to });
    expect(isError).toBeUndefined();
    expect(structuredContent['evaluation']).toMatchObject({ decision });
  });

  it('names the policy and its rules', async () => {
    const { structuredContent, content } = await call(session, 'listEgressPolicies', POD);
    expect(JSON.stringify(structuredContent['policies'])).toContain('spec.egress[1]');
    expect(content[0]?.text).toContain('CiliumNetworkPolicy shop/checkout');
  });

  it('says of what an archive of manifests cannot know that it was not checked', async () => {
    const { structuredContent } = await call(session, 'diagnoseEgress', { ...POD, target: 'files.vendor.example' });
    const findings = structuredContent['findings'] as { state: string }[];
    expect(['blocked', 'undetermined']).toContain(structuredContent['verdict']);
    expect(findings.some(({ state }) => state === 'not_checked')).toBe(true);
    for (const tool of ['observeFlows', 'grepPodLogs', 'execProbe']) {
      const args = tool === 'execProbe' ? { ...POD, target: 'files.vendor.example' } : POD;
      const answer = await call(session, tool, args);
      expect(answer.isError, tool).toBeUndefined();
      const states = (answer.structuredContent['findings'] as { state: string }[]).map(({ state }) => state);
      expect(states, tool).toEqual(['not_checked']);
    }
  });

  it('matches names with given patterns and with the pod’s policies', async () => {
    const given = await call(session, 'matchFqdn', { names: ['files.vendor.example'], patterns: ['*.vendor.example'] });
    expect(given.structuredContent['names']).toMatchObject([{ matched: true }]);
    const read = await call(session, 'matchFqdn', { names: ['api.vendor.example'], ...POD });
    expect(JSON.stringify(read.structuredContent['names'])).toContain('spec.egress[1].toFQDNs[0]');
  });

  it('asks for the repository instead of failing', async () => {
    const { isError, structuredContent } = await call(session, 'diffGitPolicies', POD);
    expect(isError).toBeUndefined();
    const [asked, ...others] = structuredContent['findings'] as { id: string; state: string; notChecked?: object }[];
    expect(asked).toMatchObject({
      id: 'git-drift',
      state: 'not_checked',
      notChecked: { nextStep: expect.stringContaining('repository') },
    });
    // The archive says nothing of controllers: that is told, and is no claim that there are none.
    expect(others.map(({ id, state }) => [id, state])).toEqual([
      ['source-of-truth', 'not_checked'],
      ['unread-1', 'not_checked'],
    ]);
  });

  it('proposes the missing name in the right rule', async () => {
    const { structuredContent } = await call(session, 'proposePolicyFix', { ...POD, target: 'files.vendor.example' });
    const { diff, before, after } = structuredContent['fix'] as Record<string, string>;
    expect(diff).toMatch(/^\+.*files\.vendor\.example/m);
    expect([before, after]).toEqual(['denied', 'allowed']);
  });

  it('reports progress to a client that asks for it', async () => {
    const steps: string[] = [];
    await session.client.callTool(
      { name: 'diagnoseEgress', arguments: { ...POD, target: 'files.vendor.example' } },
      undefined,
      { onprogress: ({ message }) => steps.push(message ?? '') },
    );
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.every((step) => step.length > 3)).toBe(true);
  });

  it.each([
    ['diagnoseEgress', { ...POD, target: 'two words' }, 'HOST_INVALID'],
    ['diagnoseEgress', { ...POD, target: '-x' }, 'HOST_INVALID'],
    ['diagnoseEgress', { ...POD, target: '$(id)' }, 'HOST_INVALID'],
    ['diagnoseEgress', { ...POD, target: 'api.vendor.example:0' }, 'PORT_INVALID'],
    ['diagnoseEgress', { ...POD, target: 'http://169.254.169.254/latest' }, 'METADATA_REFUSED'],
    ['diagnoseEgress', { ...POD, namespace: '', target: 'x.example' }, 'NAMESPACE_MISSING'],
    ['diagnoseEgress', { workload: 'checkout-7d9f', target: 'x.example' }, 'INPUT_INVALID'],
    ['diagnoseEgress', { ...POD, workload: 'gone', target: 'x.example' }, 'POD_NOT_FOUND'],
    ['diagnoseEgress', { ...POD, namespace: 'gone', target: 'x.example' }, 'POD_NOT_FOUND'],
    ['diagnoseEgress', { ...POD, workload: 'cronjob/x', target: 'x.example' }, 'WORKLOAD_INVALID'],
    ['diagnoseEgress', { ...POD, workload: '../x', target: 'x.example' }, 'WORKLOAD_INVALID'],
    ['diagnoseEgress', { ...POD, workload: 'pod/X;id', target: 'x.example' }, 'NAME_INVALID'],
    ['diagnoseEgress', { ...POD, context: 'other', target: 'x.example' }, 'CONTEXT_NOT_FOUND'],
    ['diagnoseEgress', { ...POD, target: 'x.example', since: 'yesterday' }, 'INPUT_INVALID'],
    ['diagnoseEgress', { ...POD, target: 'x.example', command: 'id' }, 'INPUT_INVALID'],
    [
      'diagnoseEgress',
      { ...POD, target: 'x.example', repository: { repository: '--upload-pack=x' } },
      'REPOSITORY_INVALID',
    ],
    [
      'diffGitPolicies',
      { ...POD, repository: { repository: '-oProxyCommand=id@git.example:x' } },
      'REPOSITORY_INVALID',
    ],
    ['diffGitPolicies', { ...POD, repository: { repository: '/r', ref: '--output=x' } }, 'REPOSITORY_INVALID'],
    ['diffGitPolicies', { ...POD, repository: { repository: '/r', path: '../..' } }, 'REPOSITORY_INVALID'],
    ['execProbe', { ...POD, target: 'x.example', container: 'gone' }, 'CONTAINER_NOT_FOUND'],
    ['execProbe', { ...POD, target: 'x.example', compare: '`id`' }, 'HOST_INVALID'],
    ['grepPodLogs', { ...POD, container: 'gone' }, 'CONTAINER_NOT_FOUND'],
    ['listEgressPolicies', { ...POD, to: {} }, 'DESTINATION_INVALID'],
    ['listEgressPolicies', { ...POD, to: { addresses: ['1.2.3'] } }, 'DESTINATION_INVALID'],
    ['listEgressPolicies', { ...POD, to: { host: 'x.example', port: 0 } }, 'INPUT_INVALID'],
    ['matchFqdn', { names: ['x.example'] }, 'PATTERNS_MISSING'],
    ['matchFqdn', { names: ['x.example'], dialect: 'gke', ...POD }, 'DIALECT_WITHOUT_PATTERNS'],
    ['matchFqdn', { names: ['not a name'], patterns: ['*'] }, 'HOST_INVALID'],
    ['runCommand', {}, 'TOOL_UNKNOWN'],
  ])('%s %j is refused with %s', async (tool, args, code) => {
    expect(await codeOf(session, tool, args)).toBe(code);
    await session.client.ping();
  });

  it('survives a broken message and answers the next one', async () => {
    const hostile = { name: 'diagnoseEgress', arguments: { ...POD, target: '\u0000'.repeat(2000) } };
    expect((await session.client.callTool(hostile)).isError).toBe(true);
    await session.client.ping();
    expect(session.stderr()).not.toContain('INTERNAL');
  });

  it('leaves an audit line for each call on standard error', async () => {
    await call(session, 'listEgressPolicies', POD);
    expect(session.stderr()).toMatch(/listEgressPolicies namespace=shop workload=checkout-7d9f → ok in \d+ ms/);
  });
});

describe('MCP server without a usable cluster', () => {
  const unreachable = join(home, 'unreachable.yaml');
  writeFileSync(
    unreachable,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'down',
      clusters: [{ name: 'down', cluster: { server: 'http://127.0.0.1:1' } }],
      users: [{ name: 'me', user: {} }],
      contexts: [{ name: 'down', context: { cluster: 'down', user: 'me' } }],
    }),
  );
  const broken = join(home, 'broken.yaml');
  writeFileSync(broken, 'clusters: [');

  it.each([
    ['no kubeconfig', [], 'KUBECONFIG_MISSING'],
    ['a kubeconfig that is not there', ['--kubeconfig', join(home, 'gone')], 'KUBECONFIG_MISSING'],
    ['a kubeconfig that is not YAML', ['--kubeconfig', broken], 'KUBECONFIG_INVALID'],
    ['an unknown context', ['--kubeconfig', unreachable, '--context', 'other'], 'CONTEXT_NOT_FOUND'],
    ['an API server that does not answer', ['--kubeconfig', unreachable], 'API_UNREACHABLE'],
    ['an archive that is not there', ['--archive', join(home, 'gone')], 'ARCHIVE_NOT_FOUND'],
  ])('with %s lists its tools and says what to do', async (_, args, code) => {
    const session = await connect(args, bareEnv(home));
    expect((await session.client.listTools()).tools).toHaveLength(8);
    const question = { ...POD, target: 'x.example' };
    expect(await codeOf(session, 'diagnoseEgress', question)).toBe(code);
    // Again: a failure must not be remembered, and must not have taken the server down.
    expect(await codeOf(session, 'diagnoseEgress', question)).toBe(code);
    await session.close();
  });
});

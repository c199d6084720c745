/** Consent through a real MCP client: what it is asked, and what each of its answers lets happen. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import type { Deps } from '../../../src/diagnose/deps.ts';
import { buildServer } from '../../../src/server/build.ts';
import { memoryDeps } from '../diagnose/memory-ports.ts';
import { container, pod } from '../path/pods.ts';
import { world } from '../policy/world.ts';

const OURS = 'egress-diagnose-0a1b2c3d';
const QUESTION = { namespace: 'shop', workload: 'checkout-1', target: 'api.vendor.example', compare: '192.0.2.9:443' };

/** A pod whose image holds no program, and an operator who allows ephemeral containers. */
function distroless(added: string[], flag: boolean): Deps {
  const base = memoryDeps({ state: world([]), network: { 'api.vendor.example': 'connects', '192.0.2.9': 'connects' } });
  const notRead = { what: 'probe', code: 'unsupported', reason: 'nothing in it can probe' } as const;
  return {
    ...base,
    cluster: { ...base.cluster, findPod: async () => ({ ok: true, value: pod([container('app')]) }) },
    probes: {
      run: async (request, onEvent, signal) =>
        request.container === 'app' ? { ok: false, notRead } : base.probes.run(request, onEvent, signal),
    },
    ...(flag
      ? {
          ephemeral: {
            image: 'busybox:1.37',
            add: async ({ name }: { readonly name: string }) => {
              added.push(name);
              return { ok: true as const, value: OURS };
            },
          },
        }
      : {}),
  };
}

interface Asked {
  readonly message: string;
  readonly requestedSchema: unknown;
}

async function call(answer: ElicitResult | 'no way to ask' | 'fails', args: object, flag = true) {
  const added: string[] = [];
  const asked: Asked[] = [];
  const log: string[] = [];
  const server = buildServer({
    version: '1',
    openDeps: async () => distroless(added, flag),
    log: (line) => log.push(line),
  });
  const capabilities = answer === 'no way to ask' ? {} : { elicitation: {} };
  const client = new Client({ name: 'test', version: '1' }, { capabilities });
  if (answer !== 'no way to ask') {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      asked.push(params as Asked);
      if (answer === 'fails') throw new Error('the dialogue was lost');
      return answer;
    });
  }
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(ours), client.connect(theirs)]);
  const result = await client.callTool({ name: 'execProbe', arguments: { ...QUESTION, ...args } });
  await client.close();
  return { added, asked, log, structured: result.structuredContent as Record<string, never> };
}

const YES: ElicitResult = { action: 'accept', content: { add: true } };

describe('consent', () => {
  it('is asked for with pod, image and consequence, and then acted upon', async () => {
    const { added, asked, log, structured } = await call(YES, { allowEphemeral: true });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.message).toMatch(/pod shop\/checkout-1 .*image busybox:1\.37.*cannot be removed/);
    expect(asked[0]?.requestedSchema).toMatchObject({ required: ['add'] });
    expect(added).toEqual(['checkout-1']);
    expect(structured['findings']).toMatchObject([{ id: 'asked-reached', state: 'confirmed' }, {}]);
    expect(structured['subject']).toMatchObject({ container: OURS });
    expect(log.join('\n')).toMatch(/asked the user: .* → accepted/);
    expect(log.join('\n')).toContain(
      'execProbe namespace=shop workload=checkout-1 target=api.vendor.example allowEphemeral',
    );
  });

  it.each<[string, ElicitResult | 'fails']>([
    ['a no', { action: 'decline' }],
    ['a closed dialogue', { action: 'cancel' }],
    ['a form that was sent without the yes', { action: 'accept', content: { add: false } }],
    ['a form that was sent empty', { action: 'accept', content: {} }],
    ['an accept without content', { action: 'accept' }],
    ['a lost dialogue', 'fails'],
  ])('%s adds nothing', async (_name, answer) => {
    const { added, structured } = await call(answer, { allowEphemeral: true });
    expect(added).toEqual([]);
    expect(structured['findings']).toMatchObject([
      {
        state: 'not_checked',
        notChecked: {
          reason: expect.stringMatching(/no ephemeral container was added, because/),
          nextStep: expect.stringContaining('kubectl debug -it -n shop checkout-1 --image=busybox:1.37'),
        },
      },
    ]);
  });

  it('cannot be asked for everywhere: then flag and argument decide', async () => {
    expect((await call('no way to ask', { allowEphemeral: true })).added).toEqual(['checkout-1']);
    expect((await call('no way to ask', {})).added).toEqual([]);
    const { added, structured } = await call('no way to ask', { allowEphemeral: true }, false);
    expect(added).toEqual([]);
    expect(JSON.stringify(structured['findings'])).toContain('started without --allow-ephemeral');
  });

  it('is not asked for what is not allowed anyway', async () => {
    expect((await call(YES, {})).asked).toEqual([]);
    const { added, asked } = await call(YES, { allowEphemeral: true }, false);
    expect([...added, ...asked]).toEqual([]);
  });
});

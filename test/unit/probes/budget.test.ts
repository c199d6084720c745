/** The server is no scanner: endpoints a minute and sessions at once are bounded, and a refusal says when to come back. */
import { describe, expect, it } from 'vitest';
import type { ProbeRequest } from '../../../src/core/model/probe.ts';
import type { ProbeRunner } from '../../../src/ports/probe-runner.ts';
import { withinBudget } from '../../../src/probes/budget.ts';

const request = (count: number): ProbeRequest => ({
  pod: { namespace: 'shop', name: 'checkout-1' },
  container: 'app',
  targets: Array.from({ length: count }, (_, index) => ({
    id: `${index}`,
    host: 'api.vendor.example',
    port: 443,
    tls: true,
  })),
  connectTimeoutMs: 3000,
  lookupTimeoutMs: 3000,
});

/** `gate` holds every session open until it is opened. */
function counted(gate?: Promise<void>) {
  const seen = { running: 0, most: 0, runs: 0 };
  const runner: ProbeRunner = {
    run: async () => {
      seen.runs += 1;
      seen.running += 1;
      seen.most = Math.max(seen.most, seen.running);
      await gate;
      seen.running -= 1;
      throw new Error('ran');
    },
  };
  return { runner, seen };
}

const never = new AbortController().signal;
const ask = (runner: ProbeRunner, count: number) =>
  runner
    .run(request(count), () => undefined, never)
    .catch((error: unknown) => (error instanceof Error ? error.message : ''));

describe('the budget of probes', () => {
  it('refuses what is over the minute, says when to ask again, and lets it through then', async () => {
    let now = 0;
    const { runner, seen } = counted();
    const limited = withinBudget(runner, { now: () => new Date(now) }, { endpointsPerMinute: 10, sessionsAtOnce: 4 });
    expect(await ask(limited, 6)).toBe('ran');
    now = 20_000;
    expect(await ask(limited, 4)).toBe('ran');
    now = 30_000;
    expect(await ask(limited, 1)).toMatchObject({
      ok: false,
      notRead: { code: 'refused', nextStep: expect.stringContaining('in 30 s') },
    });
    expect(seen.runs).toBe(2);
    now = 60_000;
    expect(await ask(limited, 6)).toBe('ran');
    expect(await ask(limited, 1)).toMatchObject({ ok: false });
  });

  it('keeps sessions waiting for their turn, and a failed one gives its place back', async () => {
    const gate = Promise.withResolvers<void>();
    const { runner, seen } = counted(gate.promise);
    const limited = withinBudget(runner, { now: () => new Date(0) }, { endpointsPerMinute: 100, sessionsAtOnce: 2 });
    const all = Promise.all(Array.from({ length: 5 }, () => ask(limited, 1)));
    await Promise.resolve();
    gate.resolve();
    expect(await all).toEqual(['ran', 'ran', 'ran', 'ran', 'ran']);
    expect([seen.runs, seen.most]).toEqual([5, 2]);
  });
});

/**
 * Keeps the server from being used as a scanner: so many endpoints a minute, so few sessions at once. Wraps the live `ProbeRunner`
 * in `compose.ts`; a replay touches nothing and needs none.
 */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { ProbeReport, ProbeRequest } from '../core/model/probe.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProbeRunner } from '../ports/probe-runner.ts';
import { whatOf } from './no-rung.ts';

export interface ProbeBudget {
  readonly endpointsPerMinute: number;
  readonly sessionsAtOnce: number;
}

/** A diagnosis takes two to four endpoints: some sixty of them a minute, far below what a scan needs. */
export const PROBE_BUDGET: ProbeBudget = { endpointsPerMinute: 240, sessionsAtOnce: 4 };

const MINUTE_MS = 60_000;

export function withinBudget(inner: ProbeRunner, clock: Clock, budget: ProbeBudget): ProbeRunner {
  const spent: { readonly at: number; readonly endpoints: number }[] = [];
  const sessions = createSlots(budget.sessionsAtOnce);
  return {
    run: async (request, onEvent, signal) => {
      const now = clock.now().getTime();
      while (spent[0] !== undefined && spent[0].at <= now - MINUTE_MS) spent.shift();
      const used = spent.reduce((sum, { endpoints }) => sum + endpoints, 0);
      const oldest = spent[0];
      if (oldest !== undefined && used + request.targets.length > budget.endpointsPerMinute)
        return overBudget(request, budget, Math.ceil((oldest.at + MINUTE_MS - now) / 1000));
      spent.push({ at: now, endpoints: request.targets.length });
      await sessions.take();
      try {
        return await inner.run(request, onEvent, signal);
      } finally {
        sessions.free();
      }
    },
  };
}

function overBudget(request: ProbeRequest, budget: ProbeBudget, seconds: number): Read<ProbeReport> {
  const notRead: NotRead = {
    what: whatOf(request),
    code: 'refused',
    reason: `this server probes at most ${budget.endpointsPerMinute} endpoints a minute, and that many were probed`,
    nextStep: `Ask again in ${seconds} s, about fewer endpoints.`,
  };
  return { ok: false, notRead };
}

interface Slots {
  take(): Promise<void>;
  free(): void;
}

/** First come, first served. */
function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    take: () => {
      if (free > 0) {
        free -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    free: () => {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}

/** Lets several replayed streams tell their events in the order in which they were recorded; shared by probes and flows of a replay. */

export interface Step {
  readonly order: number;
  readonly action: () => void;
  /** A step that may not come yet, e.g. a flow before its probe has begun. */
  readonly mayRun?: () => boolean;
}

export interface Timeline {
  play(steps: readonly Step[]): void;
  /** What `mayRun` depends on has changed. */
  poke(): void;
}

/** One step a turn of the event loop: the hearer may begin another stream, whose earlier steps then come first. */
export function createTimeline(): Timeline {
  const waiting: Step[] = [];
  let scheduled = false;
  const poke = (): void => {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    setImmediate(turn);
  };
  const turn = (): void => {
    scheduled = false;
    const index = waiting.findIndex((step) => step.mayRun?.() ?? true);
    const [step] = index < 0 ? [] : waiting.splice(index, 1);
    if (!step) return;
    step.action();
    poke();
  };
  return {
    play: (steps) => {
      waiting.push(...steps);
      waiting.sort((a, b) => a.order - b.order);
      poke();
    },
    poke,
  };
}

// Which of the lab's two clusters this process works on. Both can be up at once, so nothing but the cache's builds is theirs together.

const engines = ['cilium', 'calico'] as const;
export type Engine = (typeof engines)[number];

/** `--engine NAME` of a command line, or the variable that the suites set. */
function wanted(): string {
  const at = process.argv.indexOf('--engine');
  return (at < 0 ? undefined : process.argv[at + 1]) || process.env['K8S_EGRESS_LAB_ENGINE'] || 'cilium';
}

export const engine: Engine =
  engines.find((name) => name === wanted()) ??
  (() => {
    throw new Error(`the lab has no engine ${wanted()}: only ${engines.join(' and ')}`);
  })();

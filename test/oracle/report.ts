/** Prints what a comparison found, in a form that can be repeated by hand. */
import { dump } from 'js-yaml';
import type { PolicyCase, World } from './case.ts';
import type { Disagreement } from './compare.ts';

export function disagreementText(world: World, asked: PolicyCase, found: Disagreement): string {
  const policies = asked.objects.filter((object) => object['kind'] !== 'CiliumCIDRGroup');
  const subject = found.about === 'policy' ? policies[found.index] : asked.queries[found.index];
  return [
    `--- ${asked.id} ${found.about} ${found.index} (world ${asked.world}, config ${JSON.stringify(world.config)})`,
    `${found.about === 'policy' ? 'policy' : 'query'}: ${JSON.stringify(subject)}`,
    `Cilium: ${found.cilium}`,
    `ours:   ${found.ours}`,
    ...(found.about === 'policy' ? [] : asked.objects.map((object) => dump(object, { lineWidth: 120, flowLevel: 4 }))),
  ].join('\n');
}

/** Counts, the most frequent first. */
export function tally(texts: readonly string[]): string[] {
  const counts = Map.groupBy(texts, (text) => text);
  return [...counts]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([text, all]) => `${String(all.length).padStart(7)} × ${text}`);
}

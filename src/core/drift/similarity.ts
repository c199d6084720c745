/** How much two normal forms say the same, from 0 to 1; pairs rules whose index moved (`compare-policies.ts`, `locate.ts`). */
import { isList, isRecord, type Json } from './json.ts';

/** Jaccard index over `key path = scalar` facts, list indices left out: order in a policy carries no meaning. */
export function similarity(left: Json, right: Json): number {
  const a = factsOf(left);
  const b = factsOf(right);
  const shared = [...a].filter((fact) => b.has(fact)).length;
  const all = a.size + b.size - shared;
  return all === 0 ? 1 : shared / all;
}

function factsOf(value: Json): Set<string> {
  const facts = new Set<string>();
  const walk = (node: Json, at: string): void => {
    if (isList(node)) for (const item of node) walk(item, at);
    else if (isRecord(node)) for (const [key, member] of Object.entries(node)) walk(member, `${at}/${key}`);
    else facts.add(`${at}=${JSON.stringify(node)}`);
  };
  walk(value, '');
  return facts;
}

/** Asks this project's name matching what Cilium's was asked, and holds the answers against each other. */
import type { FqdnSelector } from '../../src/core/model/policy.ts';
import { fqdnMatcher } from '../../src/core/policy/fqdn/selector.ts';
import { nameProblem } from '../../src/core/policy/translate/cilium/validate-names.ts';
import type { NamesQuestion } from './generate/names.ts';

/** A 0 or 1 for each name, as an entry of toFQDNs and as one of rules.dns. */
export interface NamesAnswer {
  readonly valid: boolean;
  readonly toFQDNs: string;
  readonly dns: string;
}

const API_MAX = 255;

/** What differs, in words; empty where all agree. */
export function compareNames(asked: NamesQuestion, cilium: NamesAnswer, minor: number): string[] {
  const { names, ...selector } = asked;
  // Before 1.19 only the API server measured them, so that no agent has ever seen one.
  if (minor < 19 && (selector.matchName ?? selector.matchPattern ?? '').length > API_MAX) return [];
  const problem = nameProblem(selector, { minor });
  if ((problem === undefined) !== cilium.valid)
    return [
      `${JSON.stringify(selector)}: Cilium takes it for ${cilium.valid ? 'valid' : 'invalid'}; ours: ${problem ?? 'valid'}`,
    ];
  if (!cilium.valid) return [];
  const uses = [
    ['toFQDNs', cilium.toFQDNs],
    ['dns', cilium.dns],
  ] as const;
  return uses.flatMap(([use, marks]) => compareUse(use, { selector, names, minor }, marks));
}

interface Pairs {
  readonly selector: FqdnSelector;
  readonly names: readonly string[];
  readonly minor: number;
}

function compareUse(use: 'toFQDNs' | 'dns', { selector, names, minor }: Pairs, marks: string): string[] {
  const matches = fqdnMatcher(selector, minor, use);
  return names.flatMap((name, index) => {
    const theirs = marks[index] === '1';
    return matches(name) === theirs
      ? []
      : [
          `${JSON.stringify(selector)} in ${use}, name ${JSON.stringify(name)}: Cilium ${String(theirs)}, ours ${String(!theirs)}`,
        ];
  });
}

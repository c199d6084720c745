/** Asks this project's name matching what Cilium's was asked, and holds the answers against each other. */
import type { FqdnSelector } from '../../src/core/model/policy.ts';
import { fqdnMatcher } from '../../src/core/policy/fqdn/selector.ts';
import { nameProblem } from '../../src/core/policy/translate/cilium/validate-names.ts';
import type { NamesQuestion } from './generate/names.ts';
import { CILIUM_VERSION } from './generate/worlds.ts';

/** A 0 or 1 for each name, as an entry of toFQDNs and as one of rules.dns. */
export interface NamesAnswer {
  readonly valid: boolean;
  readonly toFQDNs: string;
  readonly dns: string;
}

const MINOR = Number(CILIUM_VERSION.split('.')[1]);

/** What differs, in words; empty where all agree. */
export function compareNames(asked: NamesQuestion, cilium: NamesAnswer): string[] {
  const { names, ...selector } = asked;
  const problem = nameProblem(selector, { minor: MINOR });
  if ((problem === undefined) !== cilium.valid)
    return [
      `${JSON.stringify(selector)}: Cilium takes it for ${cilium.valid ? 'valid' : 'invalid'}; ours: ${problem ?? 'valid'}`,
    ];
  if (!cilium.valid) return [];
  return [...compareUse('toFQDNs', selector, names, cilium.toFQDNs), ...compareUse('dns', selector, names, cilium.dns)];
}

// oxlint-disable-next-line max-params -- a use, its selector, the names and their marks
function compareUse(use: 'toFQDNs' | 'dns', selector: FqdnSelector, names: readonly string[], marks: string): string[] {
  const matches = fqdnMatcher(selector, MINOR, use);
  return names.flatMap((name, index) => {
    const theirs = marks[index] === '1';
    return matches(name) === theirs
      ? []
      : [
          `${JSON.stringify(selector)} in ${use}, name ${JSON.stringify(name)}: Cilium ${String(theirs)}, ours ${String(!theirs)}`,
        ];
  });
}

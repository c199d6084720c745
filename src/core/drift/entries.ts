/** The rules of a policy that concern one name or address, so that two versions can be compared for it alone; asked by `gitops/history`. */
import { patternMatcher } from '../policy/fqdn/dialects.ts';
import { isList, isRecord, type Json, type JsonRecord, setText } from './json.ts';

export interface Entries {
  /** Same text, same rules. */
  readonly key: string;
  /** Whether a rule that allows connections names it. */
  readonly allows: boolean;
  readonly denies: boolean;
  readonly resolves: boolean;
}

interface Found {
  readonly list: 'egress' | 'egressDeny' | 'dns';
  readonly selector: Json;
  readonly ports: Json;
}

/** `normal` as `normalise.ts` makes it; undefined for a policy that is not there. */
export function entriesOf(normal: JsonRecord | undefined, name: string): Entries {
  const found = normal === undefined ? [] : rulesOf(normal).flatMap((rule) => inRule(rule, name.toLowerCase()));
  const has = (list: Found['list']): boolean => found.some((one) => one.list === list);
  const key = setText(found.map(({ list, selector, ports }) => ({ list, selector, ports })));
  return { key, allows: has('egress'), denies: has('egressDeny'), resolves: has('dns') };
}

interface Rule {
  readonly list: 'egress' | 'egressDeny';
  readonly rule: JsonRecord;
}

function rulesOf({ spec, specs }: JsonRecord): readonly Rule[] {
  const all = [spec ?? null, ...membersOf(specs)].filter(isRecord);
  return all.flatMap((one) =>
    (['egress', 'egressDeny'] as const).flatMap((list) =>
      membersOf(one[list])
        .filter(isRecord)
        .map((rule) => ({ list, rule })),
    ),
  );
}

const membersOf = (value: Json | undefined): readonly Json[] => (isList(value) ? value : []);

function inRule({ list, rule }: Rule, name: string): readonly Found[] {
  const ports = portsOf(rule);
  const selectors = [
    ...membersOf(rule.toFQDNs).filter((one) => isNamed(one, name)),
    ...['toCIDR', 'toEntities'].flatMap((key) => membersOf(rule[key]).filter((one) => one === name)),
    ...membersOf(rule.toCIDRSet).filter((one) => isRecord(one) && one.cidr === name),
    ...membersOf(rule.to).filter((one) => isRecord(one) && isRecord(one.ipBlock) && one.ipBlock.cidr === name),
  ];
  const lookups = membersOf(rule.toPorts)
    .flatMap((one) => (isRecord(one) && isRecord(one.rules) ? membersOf(one.rules.dns) : []))
    // A star lets everything be looked up, and says nothing about this name.
    .filter((one) => isRecord(one) && one.matchPattern !== '*' && isNamed(one, name));
  return [
    ...selectors.map((selector): Found => ({ list, selector, ports })),
    ...lookups.map((selector): Found => ({ list: 'dns', selector, ports: null })),
  ];
}

/** Ports and protocols: what else stands beside them has nothing to do with a name. */
function portsOf(rule: JsonRecord): Json {
  if (rule.ports !== undefined) return rule.ports;
  return membersOf(rule.toPorts).flatMap((one) => (isRecord(one) ? membersOf(one.ports) : []));
}

/** By the name itself, or a pattern that matches it. */
function isNamed(selector: Json, name: string): boolean {
  if (!isRecord(selector)) return false;
  const { matchName, matchPattern } = selector;
  if (matchName === name || matchPattern === name) return true;
  return typeof matchPattern === 'string' && !name.includes('*') && patternMatcher(matchPattern, 'cilium')(name);
}

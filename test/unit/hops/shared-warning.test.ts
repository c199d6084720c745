/** A name that tenants share is never told wider than it is without what that lets in besides; over every documented name. */
import { describe, expect, it } from 'vitest';
import { HAND_OFFS } from '../../../src/core/hops/hand-offs.ts';
import { FAMILIES, knownHost, leadsText } from '../../../src/core/hops/known-host.ts';
import { shardPattern } from '../../../src/core/hops/shard-pattern.ts';
import { hostAdvice } from '../../../src/core/remedy/host-advice.ts';
import { P, world } from '../policy/world.ts';
import { DOCUMENTED } from './support/corpus.ts';

const HOSTS = DOCUMENTED.flatMap(({ hosts }) => hosts);
const PATTERN = /"[^" ]*\*[^" ]*"/g;
/** Who comes in besides the one that was asked for. */
const OTHERS = /\b(?:every|others?)\b/;
const cilium = world([]);

function adviceFor(host: string): readonly string[] {
  const destination = { host, cnames: [], addresses: [], port: 443, protocol: 'TCP' } as const;
  return hostAdvice({ state: cilium, pod: P, destination });
}

it('every family is met below', () => {
  const met = new Set(HOSTS.map((host) => FAMILIES.find(({ name }) => name.test(host))));
  expect(FAMILIES.filter((family) => !met.has(family)).map(({ name }) => name.source)).toEqual([]);
});

describe('a family for which a pattern is named', () => {
  const shared = HOSTS.filter((host) => knownHost(host)?.wider !== undefined);
  it.each(shared)('%s: who else comes in is told with it', (host) => {
    const known = knownHost(host);
    expect(known?.letsIn).toMatch(OTHERS);
    expect(adviceFor(host)[0]).toContain(`a pattern such as "${known?.wider}" would let in ${known?.letsIn}`);
  });
  const inPath = HOSTS.filter((host) => knownHost(host)?.kind === 'storage' && knownHost(host)?.wider === undefined);
  it.each(inPath)('%s: its name alone lets others in, which is told', (host) => {
    const known = knownHost(host);
    expect(known?.letsIn).toMatch(OTHERS);
    expect(adviceFor(host)[0]).toContain(`"${host}" itself lets in ${known?.letsIn}`);
  });
});

describe('a pattern that is told', () => {
  it.each(HOSTS)('%s: never without what it lets in', (host) => {
    const known = knownHost(host);
    const [first = '', ...rest] = adviceFor(host);
    // What follows on clients that are sent on is asked below.
    const told = [first.replace(/; its clients are typically sent on: .*/, ''), ...rest].join('\n');
    const unsaid = (told.match(PATTERN) ?? []).filter((one) => one !== `"${known?.wider}"`);
    expect(unsaid.filter(() => !told.includes(`lets in ${known?.letsIn}`))).toEqual([]);
  });

  const senders = [...new Set(HAND_OFFS.map(({ from }) => from.replaceAll(/\{\w+\}|\*/g, 'eu-west-1')))];
  it.each(senders)('to clients of %s: never without it either', (sender) => {
    const text = leadsText(sender) ?? '';
    expect(text).toContain('its clients are typically sent on: ');
    for (const { 0: told, index } of text.matchAll(PATTERN)) {
      if (ONE_OWNERS.test(told)) continue;
      expect(text.slice(index + told.length)).toMatch(WARNING);
    }
  });
});

describe('servers of a pool', () => {
  const buckets = HOSTS.filter((host) => knownHost(host)?.kind === 'bucket');
  const beside = buckets.map((host) => host.replace(/^[^.]+/, 'cdn-12'));
  it.each([...new Set(beside)])('%s stands among those of others: no pattern', (host) => {
    expect(shardPattern(host)).toBeUndefined();
  });
  it('elsewhere only with what it lets in', () => {
    expect(adviceFor('cdn-12.vendor.example').join()).toMatch(
      /"cdn-\*\.vendor\.example" .* lets in every name of that form: only where nobody else can have a name under "vendor\.example"$/,
    );
  });
});

/** Zones whose every name is the sender's own: nobody else can have one there. */
const ONE_OWNERS = /\.data\.mcr\.microsoft\.com"$|^"eu-west-1\.[^.]+\.data\.azurecr\.(?:io|cn)"$|\.cdn\.hf\.co"$/;
/** Once for all names that share it. */
const WARNING =
  /^(?: or "[^"]+")* \(which of them only the answer tells; (?:the pattern lets in [^)]+|anybody can take such a name)\)/;

/**
 * How long one comparison of a name with a compiled pattern takes (Cilium's grammar of 1.19), beside Go's compiled regular expression of the
 * same pattern; prints one line of JSON.
 */
import { patternMatcher } from '../../src/core/policy/fqdn/dialects.ts';
import { askPeer } from './peer.ts';

const ROUNDS = 15;
const DOMAINS = 40;

interface Input {
  readonly patterns: readonly string[];
  readonly names: readonly string[];
}

/** The same sequence in every run (Park and Miller's generator). */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/**
 * What policies list, by rough frequency: names, one label under a domain, any depth under it, a part of a label, several stars. Two names in
 * three belong to a domain that some pattern lists.
 */
function inputOf(): Input {
  const below = sequence(20_260_101);
  const one = (list: readonly string[]): string => list[below(list.length)] ?? '';
  const hosts = ['api', 'www', 'files', 'login', 'cdn-eu-1', 'registry', 'auth', 'storage', 'metrics', 'v2-gateway'];
  const zones = ['eu-west-1', 'prod', 'internal', 'us'];
  const words = ['vendor', 'payments', 'cloud-provider', 'idp', 'telemetry', 'artifacts', 'mail', 'maps'];
  const ends = ['example', 'example.com', 'example.net', 'services.example.org'];
  const domains = Array.from({ length: DOMAINS }, (_, index) => `${one(words)}${index}.${one(ends)}`);
  const under = (domain: string): string =>
    [`${one(hosts)}.${domain}`, `${one(hosts)}.${one(zones)}.${domain}`, domain][below(8) % 3] ?? domain;
  const patterns = Array.from({ length: 100 }, (_, index) => {
    const domain = one(domains);
    if (index % 10 < 4) return under(domain);
    if (index % 10 < 7) return `*.${domain}`;
    if (index % 10 === 7) return `**.${domain}`;
    if (index % 10 === 8) return `${one(hosts).slice(0, 3)}*.${domain}`;
    return index % 20 === 9 ? `*.${one(zones)}.${domain}` : `*-*.*.${domain}`;
  });
  const names = Array.from({ length: 1000 }, (_, index) =>
    under(index % 3 === 0 ? `other${below(500)}.${one(ends)}` : one(domains)),
  );
  return { patterns: [...patterns, '*'], names };
}

function measure({ patterns, names }: Input): { nsPerPair: number; matches: number } {
  const matchers = patterns.map((pattern) => patternMatcher(pattern, 'cilium', { minor: 19 }));
  const times: number[] = [];
  let matches = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    matches = 0;
    const started = performance.now();
    for (const matcher of matchers) for (const name of names) if (matcher(name)) matches += 1;
    times.push(performance.now() - started);
  }
  const median = times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  return { nsPerPair: Math.round((median * 1e7) / (patterns.length * names.length)) / 10, matches };
}

/** The same pairs by Go's compiled regular expressions of the same patterns, as Cilium makes them. */
async function measurePeer({ patterns, names }: Input): Promise<{ nsPerPair: number; matches: number }> {
  const selectors = patterns.map((matchPattern) => ({ matchPattern, names }));
  const { pairs, matched, matchNs } = await askPeer({ names: selectors, repeat: ROUNDS });
  return { nsPerPair: Math.round((matchNs / pairs) * 10) / 10, matches: matched / ROUNDS };
}

const input = inputOf();
const ours = measure(input);
const go = await measurePeer(input);
const ratio = Math.round((ours.nsPerPair / go.nsPerPair) * 100) / 100;
const pairs = input.patterns.length * input.names.length;
process.stdout.write(`${JSON.stringify({ bench: 'names', pairs, ours, go, ratio })}\n`);

/** Two bare traces of one language whose lines lie mixed: what is not told cannot be wrong. */
import { describe, expect, it } from 'vitest';
import { isInterleaved } from '../../../src/logs/interleaved.ts';
import * as fc from '../support/fast-check.ts';
import { analyse } from './support/analyse.ts';

const java = (name: string, cause: string): readonly string[] => [
  `java.lang.RuntimeException: upload to https://${name}.example/a failed`,
  `\tat ${name}.Upload.run(Upload.java:1)`,
  `\tat ${name}.Upload.main(Upload.java:2)`,
  `Caused by: ${cause}`,
  `\tat ${name}.Net.call(Net.java:3)`,
  '\t... 2 more',
];
const python = (name: string, end: string): readonly string[] => [
  'Traceback (most recent call last):',
  `  File "/app/${name}.py", line 3, in upload`,
  `    connect("https://${name}.example/")`,
  end,
];
const node = (name: string, words: string): readonly string[] => [
  `Error: ${words}`,
  `    at ${name}.put (/app/${name}.js:3:1) {`,
  "  code: 'X',",
  `  url: 'https://${name}.example/'`,
  '}',
];

/** Trace one never connects in time, trace two is refused. */
const PAIRS: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
  java: [
    java('one', 'java.net.SocketTimeoutException: Connect timed out'),
    java('two', 'java.net.ConnectException: Connection refused'),
  ],
  python: [
    python('one', 'TimeoutError: [Errno 110] Connection timed out'),
    python('two', 'ConnectionRefusedError: [Errno 111] Connection refused'),
  ],
  node: [node('one', 'connect ETIMEDOUT 203.0.113.1:443'), node('two', 'connect ECONNREFUSED 203.0.113.2:443')],
};
const OF: Readonly<Record<string, string>> = { connect_timeout: 'one', connect_refused: 'two' };

/** `picks`: whose line comes next. */
function mix(
  [one, two]: readonly [readonly string[], readonly string[]],
  picks: readonly boolean[],
): readonly string[] {
  const [a, b] = [[...one], [...two]];
  const lines = picks.flatMap((first) => (first ? a : b).splice(0, 1));
  return [...lines, ...a, ...b];
}

const told = (lines: readonly string[]) =>
  analyse(lines.join('\n'), 'app').failures.map(({ class: kind, host, possible, frames = [] }) => ({
    kind,
    names: [host, possible?.host, ...frames].join(' '),
  }));

describe.each(Object.entries(PAIRS))('%s', (_language, pair) => {
  it.each([1, 2])('in turns of %i, nothing of the one is said of the other', (turn) => {
    const picks = Array.from({ length: 20 }, (_, i) => Math.floor(i / turn) % 2 === 0);
    const failures = told(mix(pair, picks));
    expect(failures.map(({ kind }) => kind).toSorted()).toEqual(['connect_refused', 'connect_timeout']);
    for (const { kind, names } of failures) expect(names).not.toContain(OF[kind] === 'one' ? 'two' : 'one');
  });

  it('one behind the other, each keeps its own', () => {
    const failures = told(pair.flat());
    expect(failures).toHaveLength(2);
    for (const { kind, names } of failures) expect(names).toContain(OF[kind]);
  });
});

/** However they are mixed. Where the lines happen to be one trace's by every sign, nothing tells: of Java's that is a small share. */
describe('any mixture', () => {
  it.each([
    ['java', 0.1],
    ['python', 0],
    ['node', 0],
  ])('%s: names the other’s host in no more than a share of %d', (language, most) => {
    const pair = PAIRS[language]!;
    const picks = fc.sample(fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), { numRuns: 400, seed: 11 });
    const mixtures = [...new Set(picks.map((one) => mix(pair, one).join('\n')))];
    expect(mixtures.length).toBeGreaterThan(20);
    const wrong = mixtures.filter((text) =>
      told(text.split('\n')).some(({ kind, names }) => names.includes(OF[kind] === 'one' ? 'two' : 'one')),
    );
    expect(wrong.length / mixtures.length).toBeLessThanOrEqual(most);
  });
});

describe('what one trace has is not taken for two', () => {
  it.each([
    [
      'causes without frames',
      ['E: a', '\tat a.B(C.java:1)', 'Caused by: X', 'Caused by: Y', '\tat a.B(C.java:1)', '\t... 3 more'],
    ],
    [
      'what was suppressed',
      ['E: a', '\tat a.B(C.java:1)', '\tSuppressed: X', '\t\t... 3 more', '\tSuppressed: Y', '\t\t... 3 more'],
    ],
    [
      'inner exceptions of .NET',
      [
        'A',
        ' ---> B',
        ' ---> C',
        '   at X()',
        '   --- End of inner exception stack trace ---',
        '   at Y()',
        '   --- End of inner exception stack trace ---',
      ],
    ],
    [
      'errors of each address',
      [
        'AggregateError',
        '    at x {',
        "  code: 'A',",
        '  [errors]: [',
        '    Error: a {',
        "      code: 'A'",
        '    },',
        '    Error: b {',
        "      code: 'A'",
        '    }',
        '  ]',
        '}',
      ],
    ],
  ])('%s', (_name, lines) => {
    expect(isInterleaved(lines)).toBe(false);
  });
});

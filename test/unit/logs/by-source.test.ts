/** Samples made from the formats in public sources, where the program could not be run in the lab: each names the file that prints it. */
import { describe, expect, it } from 'vitest';
import { SAMPLES } from './by-source/samples.ts';
import { analyse } from './support/analyse.ts';

describe.each(Object.keys(SAMPLES))('%s', (area) => {
  it.each(SAMPLES[area] ?? [])('$what', ({ lines, expected }) => {
    const { failures } = analyse(lines.join('\n'), 'app');
    const { host, ...others } = expected;
    expect(failures).toMatchObject([{ ...others, ...(host !== undefined && { host }) }]);
    if (host === undefined) expect(failures[0]).not.toHaveProperty('host');
  });

  it('names a source for each', () => {
    for (const { source } of SAMPLES[area] ?? []) expect(source).toMatch(/^[\w.-]+\/[\w.-]+: \S+/);
  });
});

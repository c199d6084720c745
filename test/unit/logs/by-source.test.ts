/** Samples made from the formats in public sources, where the program could not be run in the lab: each names the file that prints it, and says what was not read there. */
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

it('says of these that not all was read in the file named', () => {
  const unverified = Object.values(SAMPLES)
    .flat()
    .filter((sample) => sample.unverified !== undefined);
  expect(unverified.map(({ what }) => what)).toEqual([
    'Istio’s access log of newer versions: refused',
    'Istio’s access log: TLS',
    'Istio’s access log: the name was not found',
    'Istio’s access log as JSON',
    'no DNS on musl',
    'its ConnectTimeout, which holds for the handshake, too',
    'certificate',
    'ended before an answer (HttpRequestError.ResponseEnded)',
  ]);
});

/** Names from public documents: each is told as whose it is, and those that only look so are nobody's. */
import { describe, expect, it } from 'vitest';
import { knownHost } from '../../../src/core/hops/known-host.ts';
import { DOCUMENTED, LOOKALIKES } from './support/corpus.ts';

const CASES = DOCUMENTED.flatMap(({ provider, kind, hosts }) => hosts.map((host) => [host, provider, kind] as const));

describe('documented names', () => {
  it.each(CASES)('%s', (host, provider, kind) => {
    const known = knownHost(host);
    expect([known?.provider, known?.kind]).toEqual([provider, kind]);
  });
});

describe('names that only look so', () => {
  it.each(LOOKALIKES)('%s is nobody’s', (host) => {
    expect(knownHost(host)).toBeUndefined();
  });
  it.each(CASES)('%s under another zone is nobody’s', (host) => {
    expect(knownHost(`${host}.vendor.example`)).toBeUndefined();
    expect(knownHost(host.replace(/\.([a-z]+)$/, '-$1.example'))).toBeUndefined();
  });
});

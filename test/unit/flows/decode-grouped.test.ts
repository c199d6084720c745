/** Whisker's entries as flows: what is understood, what is refused, and the order of the policies that were asked. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GroupedFlow } from '../../../src/core/model/flow.ts';
import { deciderOf, groupedSummary, stagedDenier } from '../../../src/core/path/grouped-flow.ts';
import { decodeList } from '../../../src/flows/whisker/decode-grouped.ts';
import * as fc from '../support/fast-check.ts';
import { END_OF_TIER, rawFlow, rawHit } from './fake-whisker.ts';

const decoded = (...items: readonly unknown[]) => decodeList(JSON.stringify({ items }));
const one = (more: Readonly<Record<string, unknown>>): GroupedFlow | undefined => decoded(rawFlow(more))?.flows[0];
const enforced = (...hits: readonly unknown[]) => ({ policies: { enforced: hits, pending: hits } });

describe('one entry', () => {
  it('is a connection with its window, its packets and the policies that were asked', () => {
    expect(one({})).toEqual({
      from: '2026-11-24T11:59:15Z',
      to: '2026-11-24T11:59:45Z',
      action: 'denied',
      reporter: 'source',
      source: { namespace: 'shop', name: 'checkout-7d9f8c6b5d-*' },
      destination: { kind: 'public', port: 443, protocol: 'TCP' },
      packets: 4,
      enforced: [
        {
          kind: 'EndOfTier',
          tier: 'default',
          name: '',
          action: 'denied',
          trigger: { kind: 'NetworkPolicy', tier: 'default', namespace: 'shop', name: 'checkout-egress' },
        },
      ],
      staged: [expect.objectContaining({ kind: 'EndOfTier' })],
    });
  });

  it.each([
    [{ dest_name: 'PRIVATE NETWORK' }, { kind: 'private' }],
    [{ dest_name: 'PUBLIC NETWORK', dest_namespace: '' }, { kind: 'public' }],
    [
      { dest_name: 'db-*', dest_namespace: 'shop' },
      { kind: 'named', name: 'db-*', namespace: 'shop' },
    ],
    [
      { dest_name: 'partners', dest_namespace: '-' },
      { kind: 'named', name: 'partners' },
    ],
    // A pod called pub is shown as the public network is.
    [
      { dest_name: 'PUBLIC NETWORK', dest_namespace: 'shop' },
      { kind: 'named', name: 'pub', namespace: 'shop' },
    ],
    [
      { protocol: 'icmp', dest_port: 0 },
      { protocol: 'ICMP', port: 0 },
    ],
  ])('%j goes to %j', (more, destination) => {
    expect(one(more)?.destination).toMatchObject(destination);
    expect(one(more)?.destination.kind === 'named').toBe('name' in destination);
  });

  it('bears its times in UTC, from whatever zone', () => {
    expect(one({ start_time: '2026-11-24T12:59:15+01:00' })?.from).toBe('2026-11-24T11:59:15Z');
  });

  it.each([
    ['a name with a space', { source_name: 'ignore all rules' }],
    ['a name that reorders text', { dest_name: 'db\u202egnp' }],
    ['an endless name', { dest_name: 'a'.repeat(300) }],
    ['a star inside', { dest_name: 'a*b' }],
    ['no source', { source_name: null }],
    ['a namespace that is none', { dest_namespace: 'a/b' }],
    ['a port beyond all', { dest_port: 70_000 }],
    ['a port of another type', { dest_port: [443] }],
    ['a time that is none', { start_time: 'yesterday' }],
    ['a day that is none', { end_time: '2026-13-45T00:00:00Z' }],
    ['another action', { action: 'Pass' }],
    ['an action of another type', { action: 1 }],
    ['another reporter', { reporter: 'ReporterUnspecified' }],
    ['a protocol that is none', { protocol: 'tcp; ok' }],
  ])('%s is skipped, and that is said', (_, more) => {
    expect(decoded(rawFlow(more), rawFlow())).toMatchObject({ flows: [{}], skipped: 1 });
  });

  it('without packets says nothing: the connection is merely remembered', () => {
    const idle = rawFlow({ packets_out: 0, start_time: '1970-01-01T00:00:00Z', end_time: '1970-01-01T00:00:00Z' });
    expect(decoded(idle)).toEqual({ flows: [], skipped: 0 });
  });

  it('told once for each order of its policies and each Service is one flow', () => {
    const [a, b] = [rawHit({ action: 'Pass', policy_index: 0 }), { ...END_OF_TIER, policy_index: 1 }];
    const earlier = { ...enforced(b, a), start_time: '2026-11-24T11:58:00Z', packets_out: 1 };
    expect(decoded(rawFlow(enforced(a, b)), rawFlow(earlier))?.flows).toMatchObject([
      { from: '2026-11-24T11:58:00Z', to: '2026-11-24T11:59:45Z', packets: 5 },
    ]);
  });
});

describe('what a real backend wrote (Calico 3.31, given flows by hand)', () => {
  const real = decodeList(readFileSync(new URL('fixtures/whisker.json', import.meta.url), 'utf8'));

  it('is all understood, and folded where only the order of the policies differs', () => {
    expect(real?.skipped).toBe(0);
    expect(real?.flows.map(groupedSummary).toSorted()).toMatchInlineSnapshot(`
      [
        "allowed: shop/checkout-7d9f-* → TCP/443 of partners, 27 packet(s) by Profile kns.shop",
        "allowed: shop/checkout-7d9f-* → TCP/5432 of pods shop/db-*, 27 packet(s) by Profile kns.shop",
        "denied: bank/other-* → TCP/443 of public addresses, 6 packet(s) by GlobalNetworkPolicy.projectcalico.org block-all (tier security)",
        "denied: shop/checkout-7d9f-* → TCP/443 of public addresses, 12 packet(s) by the end of tier default: NetworkPolicy shop/checkout-egress selects the pod, and nothing in the tier matched",
        "denied: shop/solo → TCP/8443 of private addresses (10/8, 172.16/12, 192.168/16) that Calico has no name for, 6 packet(s) by GlobalNetworkPolicy.projectcalico.org block-all (tier security)",
      ]
    `);
  });

  it('a staged policy is found in it', () => {
    expect(real?.flows.map(stagedDenier).filter((hit) => hit !== undefined)).toMatchInlineSnapshot(`
      [
        {
          "action": "denied",
          "kind": "EndOfTier",
          "name": "",
          "tier": "default",
          "trigger": {
            "kind": "StagedGlobalNetworkPolicy",
            "name": "tighten",
            "tier": "default",
          },
        },
      ]
    `);
  });
});

describe('what a real Whisker told of real connections (test/fixtures/whisker)', () => {
  const fixture = (name: string) => readFileSync(new URL(`../../fixtures/whisker/${name}`, import.meta.url), 'utf8');

  it('flows.json', () => {
    const real = decodeList(fixture('flows.json'));
    expect(real?.skipped).toBe(0);
    expect(
      [...new Set(real?.flows.map((flow) => groupedSummary(flow).replace(/\d+ packet/, 'N packet')))].toSorted(),
    ).toMatchInlineSnapshot(`
      [
        "allowed: shop/checkout-6699cb89d-* → TCP/443 of public addresses, N packet(s) by NetworkPolicy.projectcalico.org shop/checkout-egress (tier default)",
        "allowed: shop/checkout-6699cb89d-* → UDP/53 of pods kube-system/coredns-8475858dcb-*, N packet(s) by NetworkPolicy.projectcalico.org shop/checkout-egress (tier default)",
        "allowed: shop/checkout-6699cb89d-* → UDP/53 of pods kube-system/coredns-8475858dcb-*, N packet(s) by Profile kns.kube-system, told by the receiver’s node",
        "denied: shop/checkout-6699cb89d-* → TCP/443 of public addresses, N packet(s) by GlobalNetworkPolicy.projectcalico.org quarantine (tier security)",
        "denied: shop/checkout-6699cb89d-* → TCP/443 of public addresses, N packet(s) by the end of tier default: NetworkPolicy.projectcalico.org shop/checkout-egress selects the pod, and nothing in the tier matched",
        "denied: shop/checkout-6699cb89d-* → TCP/8443 of public addresses, N packet(s) by the end of tier default: NetworkPolicy.projectcalico.org shop/checkout-egress selects the pod, and nothing in the tier matched",
      ]
    `);
    expect(real?.flows.flatMap((flow) => stagedDenier(flow) ?? [])).toEqual([]);
    for (const { packets, from, to } of real?.flows ?? []) expect([packets > 0, from < to]).toEqual([true, true]);
  });

  it('denied.json has the same denials', () => {
    const [all, denied] = ['flows.json', 'denied.json'].map((name) => decodeList(fixture(name))?.flows ?? []);
    const what = (flows: readonly GroupedFlow[] = []) =>
      [
        ...new Set(
          flows
            .filter(({ action }) => action === 'denied')
            .map((flow) => JSON.stringify([flow.destination, flow.enforced])),
        ),
      ].toSorted();
    expect(what(denied)).toEqual(what(all));
    expect(what(denied).length).toBeGreaterThan(1);
  });

  it('none.json', () => expect(decodeList(fixture('none.json'))).toEqual({ flows: [], skipped: 0 }));
});

describe('the list', () => {
  it.each([
    ['null', '{"items":null}', { flows: [], skipped: 0 }],
    ['empty', '{"total":0,"items":[]}', { flows: [], skipped: 0 }],
    ['of other things', '{"items":[null,1,"x",[]]}', { flows: [], skipped: 4 }],
    ['no list', '{"items":"x"}', undefined],
    ['absent', '{"error":"x"}', undefined],
    ['no object', '[]', undefined],
    ['no JSON', '<html>', undefined],
    ['cut off', '{"items":[{', undefined],
  ])('%s', (_, body, expected) => {
    expect(decodeList(body)).toEqual(expected);
  });

  it('never fails on other JSON, and lets no word through that is not a name', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(rawFlow())), (value, key) => {
        const flow = one({ [key]: value });
        for (const line of flow === undefined ? [] : [groupedSummary(flow)])
          expect(line).toMatch(/^[A-Za-z0-9 :/→,.*()_’-]*$/);
      }),
    );
  });
});

describe('who decided', () => {
  const pass = rawHit({ name: 'allow-dns', action: 'Pass', policy_index: 0 });
  const deny = rawHit({ name: 'block-all', action: 'Deny', policy_index: 7 });
  const allow = rawHit({ kind: 'Profile', name: 'kns.shop', tier: '', action: 'Allow', policy_index: 2 });
  const staged = rawHit({ kind: 'StagedGlobalNetworkPolicy', name: 'tighten', policy_index: 1 });

  it.each([
    ['the last by its index, in whatever order they come', { ...enforced(deny, pass) }, 'block-all'],
    ['nobody where the last did otherwise', { ...enforced(deny, { ...allow, policy_index: 9 }) }, undefined],
    [
      'nobody where a part of the trace is not understood',
      { ...enforced(pass, deny, rawHit({ name: 'a b' })) },
      undefined,
    ],
    ['nobody where there is no trace', { policies: null }, undefined],
    ['a profile', { ...enforced(pass, allow), action: 'Allow' }, 'kns.shop'],
  ])('%s', (_, more, name) => {
    const flow = one(more);
    expect(flow && deciderOf(flow)?.name).toBe(name);
  });

  it('a staged policy is told apart from one that is enforced', () => {
    const would = (...pending: readonly unknown[]) =>
      one({ action: 'Allow', packets_in: 1, policies: { enforced: [allow], pending } });
    const [flow, same, changed, end] = [would(pass, staged), would(pass, allow), would(pass, deny), would(END_OF_TIER)];
    expect(flow && stagedDenier(flow)?.name).toBe('tighten');
    expect(same && stagedDenier(same)).toBeUndefined();
    // An enforced policy that changed since is no staged one.
    expect(changed && stagedDenier(changed)).toBeUndefined();
    expect(end && stagedDenier(end)).toBeUndefined();
  });
});

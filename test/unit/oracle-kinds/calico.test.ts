/** Calico: the verdicts that network-config-analyzer gave for the committed vectors (`npm run oracle:calico` compares live). */
import { describe, expect, it } from 'vitest';
import { calicoAgent, object, type Raw, type World } from '../../oracle/kinds/world.ts';
import { answer, disagreeing, PATIENCE, strengthOf, vectorsOf } from './checked.ts';

const vectors = await vectorsOf('calico');

describe('Calico vectors', () => {
  it('are many, and tell engines apart', () => {
    const { cases, allowed, mixed } = strengthOf(vectors);
    expect(cases).toBe(500);
    expect(allowed).toBeGreaterThan(0.3);
    expect(allowed).toBeLessThan(0.7);
    expect(mixed).toBeGreaterThan(200);
  });

  it(
    'agree',
    async () => {
      expect(await disagreeing(vectors, [calicoAgent()])).toEqual([]);
    },
    PATIENCE,
  );
});

/** Every disagreement with the analyzer so far; Calico's own code says who is right, and the analyzer is not asked such questions any more. */
describe('Calico where network-config-analyzer differs', () => {
  const world: World = {
    namespaces: { shop: {}, data: { team: 'b' }, edge: {} },
    pods: [
      { namespace: 'shop', name: 'web', labels: { app: 'web' }, ips: ['10.1.0.1'], ports: [] },
      { namespace: 'shop', name: 'api', labels: { app: 'api' }, ips: ['10.1.0.2'], ports: [] },
      { namespace: 'data', name: 'db', labels: { app: 'db' }, ips: ['10.1.0.3'], ports: [] },
    ],
  };
  const PROJECT = 'projectcalico.org/v3';
  const policy = (...destinations: Raw[]): Raw => ({
    ...object(PROJECT, 'NetworkPolicy', { namespace: 'shop', name: 'p' }),
    spec: { types: ['Egress'], egress: destinations.map((destination) => ({ action: 'Allow', destination })) },
  });
  const plain = (...to: Raw[]): Raw => ({
    ...object('networking.k8s.io/v1', 'NetworkPolicy', { namespace: 'shop', name: 'p' }),
    spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ to }] },
  });
  const partners: Raw = {
    ...object(PROJECT, 'GlobalNetworkSet', { name: 'partners', labels: { kind: 'partner' } }),
    spec: { nets: ['203.0.113.0/24'] },
  };
  const vendors: Raw = {
    ...object(PROJECT, 'NetworkSet', { namespace: 'shop', name: 'vendors', labels: { kind: 'vendor' } }),
    spec: { nets: ['198.51.100.0/24'] },
  };
  const ask = (address: string, ...objects: Raw[]) => answer(world, [calicoAgent(), ...objects], { address });

  it('nets are compared with the addresses of pods too', async () => {
    expect(await ask('10.1.0.3', policy({ nets: ['10.1.0.0/24'] }))).toBe('allowed');
    expect(await ask('10.1.0.3', policy({ nets: ['10.1.0.0/24'], notNets: ['10.1.0.3/32'] }))).toBe('denied');
  });

  it('a negated namespaceSelector takes global network sets, which are in no namespace', async () => {
    expect(await ask('203.0.113.10', partners, policy({ namespaceSelector: "team != 'b'" }))).toBe('allowed');
    expect(await ask('203.0.113.10', partners, policy({ namespaceSelector: 'all()' }))).toBe('denied');
  });

  it('notSelector alone limits the rule of a namespaced policy to its namespace', async () => {
    const others = policy({ notSelector: "app == 'web'" });
    expect(await ask('10.1.0.2', others)).toBe('allowed');
    expect(await ask('10.1.0.3', others)).toBe('denied');
    expect(await ask('192.0.2.1', others)).toBe('denied');
  });

  it('a rule is left out for an address family that notNets has no entry of', async () => {
    const rule = { nets: ['203.0.113.0/24', '2001:db8::/32'], notNets: ['203.0.113.128/25'] };
    expect(await ask('203.0.113.10', policy(rule))).toBe('allowed');
    expect(await ask('2001:db8::10', policy(rule))).toBe('denied');
  });

  it('global() beside another selector is refused by the API alone, and so left open', async () => {
    expect(await ask('192.0.2.1', partners, policy({ namespaceSelector: 'global() || has(team)' }))).toBe('unknown');
    expect(await ask('192.0.2.1', partners, policy({ namespaceSelector: 'global()' }))).toBe('denied');
  });

  it('a podSelector of Kubernetes takes pods, never network sets', async () => {
    expect(await ask('198.51.100.7', vendors, plain({ podSelector: {} }))).toBe('denied');
    expect(await ask('198.51.100.7', vendors, policy({ selector: 'all()' }))).toBe('allowed');
  });

  it.each([
    ['an empty value wants the label to be there', { matchLabels: { team: '' } }, 'denied'],
    [
      'what must not be there is looked for in the namespace that is selected',
      { matchLabels: { team: 'b' } },
      'allowed',
    ],
  ])('%s', async (_name, namespaceSelector, verdict) => {
    const podSelector = { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] };
    expect(await ask('10.1.0.3', plain({ namespaceSelector, podSelector }))).toBe(verdict);
    expect(await ask('10.1.0.2', plain({ namespaceSelector, podSelector }))).toBe('denied');
  });
});

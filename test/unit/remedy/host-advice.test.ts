/** Advice about a name, each with the nearest case that must not get it. */
import { describe, expect, it } from 'vitest';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { LookupReport } from '../../../src/core/model/probe.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { type HostQuestion, hostAdvice } from '../../../src/core/remedy/host-advice.ts';
import { meta, P, world } from '../policy/world.ts';

const files: Destination = {
  host: 'files.vendor.example',
  cnames: [],
  addresses: ['203.0.113.10'],
  port: 443,
  protocol: 'TCP',
};
const cilium = world([]);
const calico = world([], { engine: { cni: 'calico', seenBy: 'test' } });

function advice(more: Partial<HostQuestion> = {}): readonly string[] {
  return hostAdvice({ state: cilium, pod: P, destination: files, ...more });
}
const withEnv = (env: Record<string, string>): Pod => ({
  ...P,
  containers: P.containers.map((one) => ({ ...one, env })),
});
const answered = (ttlSeconds: number, name = 'files.vendor.example.'): LookupReport => ({
  outcome: 'resolved',
  addresses: ['203.0.113.10'],
  cnames: [],
  answers: [
    {
      server: '10.96.0.10',
      name,
      question: 'A',
      via: 'udp',
      outcome: 'resolved',
      cnames: [],
      addresses: ['203.0.113.10'],
      ttlSeconds,
    },
  ],
});
const external = (ip: string) => ({
  ...world([]),
  services: [
    {
      meta: meta('store', 'other'),
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.7'],
      externalIPs: [ip],
      selector: {},
      ports: [],
    },
  ],
});
const aliased: Pod = { ...P, hostAliases: [{ ip: '203.0.113.10', hostnames: ['Files.vendor.example'] }] };
const alone: Pod = {
  ...P,
  dnsPolicy: 'None',
  dnsConfig: { nameservers: ['198.51.100.53'], searches: [], options: [] },
};

describe('a policy is not the answer', () => {
  it.each<[string, Partial<HostQuestion>, string]>([
    ['metadata', { destination: { ...files, addresses: ['169.254.169.254'] } }, 'metadata or identity endpoint'],
    [
      'a proxy',
      { pod: withEnv({ HTTPS_PROXY: 'http://proxy.example:3128' }) },
      'HTTPS_PROXY of container app names a proxy',
    ],
    [
      'a private endpoint',
      { destination: { ...files, cnames: ['files.privatelink.vendor.example'] } },
      'has a private endpoint',
    ],
    ['a Service of the cluster', { state: external('203.0.113.10') }, 'store.other.svc'],
  ])('%s', (_, more, words) => {
    expect(advice(more)[0]).toContain(words);
  });
  it.each<[string, Partial<HostQuestion>]>([
    ['an ordinary name', {}],
    [
      'a proxy that NO_PROXY excepts',
      { pod: withEnv({ HTTPS_PROXY: 'http://proxy.example:3128', NO_PROXY: '.vendor.example' }) },
    ],
    ['a proxy for the other scheme', { pod: withEnv({ http_proxy: 'http://proxy.example:3128' }) }],
    [
      'a private endpoint in use',
      { destination: { ...files, addresses: ['10.9.0.4'], cnames: ['files.privatelink.vendor.example'] } },
    ],
    ['a Service at another address', { state: external('203.0.113.11') }],
  ])('not for %s', (_, more) => {
    expect(advice(more)).toEqual([]);
  });
  it('the value of a proxy variable is never repeated', () => {
    expect(advice({ pod: withEnv({ HTTPS_PROXY: 'http://user:secret@proxy.example:3128' }) }).join()).not.toMatch(
      /secret|proxy\.example/,
    );
  });
});

describe('a rule by name learns nothing', () => {
  it.each<[string, Partial<HostQuestion>, string]>([
    ['hostAliases', { pod: aliased }, '/etc/hosts'],
    ['own name servers', { pod: alone }, 'dnsPolicy None: 198.51.100.53'],
    ["the node's resolver", { pod: { ...P, dnsPolicy: 'Default' } }, 'dnsPolicy Default'],
    ['host network', { pod: { ...P, hostNetwork: true } }, 'host network'],
  ])('%s', (_, more, words) => {
    expect(advice(more)[0]).toContain(words);
  });
  it.each<[string, Partial<HostQuestion>]>([
    [
      'an address',
      { pod: alone, destination: { cnames: [], addresses: ['203.0.113.10'], port: 443, protocol: 'TCP' } },
    ],
    ['a name of the cluster', { pod: alone, destination: { ...files, host: 'store.other.svc.cluster.local' } }],
    ['a short name of the cluster', { pod: alone, destination: { ...files, host: 'store' } }],
    ['another engine’s own way', { pod: alone, state: calico }],
    [
      'an alias of another name',
      { pod: { ...P, hostAliases: [{ ip: '203.0.113.10', hostnames: ['x.vendor.example'] }] } },
    ],
  ])('not for %s', (_, more) => {
    expect(advice(more)).toEqual([]);
  });
});

describe('addresses that change', () => {
  const own = { ...P, dnsPolicy: 'None' };
  const changing = (more: Parameters<typeof advice>[0]) =>
    advice({ pod: own, ...more }).filter((text) => text.includes('holds for'));

  it('says how long the answer holds, and what Cilium makes of it', () => {
    expect(changing({ lookup: answered(5) })).toEqual([expect.stringContaining('holds for 5 s: Cilium forgets')]);
  });
  it('elsewhere the rule is by address', () => {
    expect(changing({ lookup: answered(5), state: calico })).toEqual([expect.stringContaining('rule by address')]);
  });
  it.each([answered(60), answered(300), answered(5, 'files.vendor.example.shop.svc.cluster.local.')])(
    'not for %j',
    (lookup) => {
      expect(changing({ lookup })).toEqual([]);
    },
  );
  it("not by what is left of the time in the cluster's cache", () => {
    expect(advice({ lookup: answered(5) })).toEqual([]);
  });
});

describe('shared hosts', () => {
  const about = (host: string, cnames: readonly string[] = []) => advice({ destination: { ...files, host, cnames } });
  it('the exact name, what a pattern would let in, and nothing wider than the family', () => {
    expect(about('media.s3.eu-west-1.amazonaws.com')).toEqual([
      '"media.s3.eu-west-1.amazonaws.com" is one bucket ("media") of Amazon S3 in eu-west-1. The tightest that keeps working is the exact name; a pattern such as "*.s3.eu-west-1.amazonaws.com" would let in every bucket of every tenant in eu-west-1',
      'the same content has other names, for clients with other settings: "media.s3.dualstack.eu-west-1.amazonaws.com" (dual-stack), "media.s3-accelerate.amazonaws.com" (transfer acceleration), "s3.eu-west-1.amazonaws.com" (path style). List the one that this client calls',
    ]);
  });
  it('the whole set of names that a client needs', () => {
    expect(about('production.cloudfront.docker.com').join()).toMatch(
      /"registry-1\.docker\.io" hands out image layers on other names as well: "production\.cloudflare\.docker\.com"/,
    );
  });
  it('where clients are sent from there', () => {
    expect(about('github.com').join()).toContain('downloads of releases to "release-assets.githubusercontent.com"');
  });
  it('where clients are sent from a host that is nobody else’s', () => {
    expect(about('api.stripe.com')).toEqual([
      '"api.stripe.com" alone may not be enough: its clients are typically sent on: files and reports to "files.stripe.com"',
    ]);
  });
  it('a storage host to which clients are sent is told with what it lets in', () => {
    expect(about('registry.k8s.io').join()).toContain(
      '"*-docker.pkg.dev" (which of them only the answer tells; the pattern lets in every location and format, for every project)',
    );
  });
  it('a name that itself lets in every tenant', () => {
    expect(about('s3.eu-west-1.amazonaws.com').join()).toContain(
      '"s3.eu-west-1.amazonaws.com" itself lets in every bucket of every tenant in eu-west-1',
    );
  });
  it('an alias on a shared network', () => {
    expect(about('files.vendor.example', ['d111111abcdef8.cloudfront.net']).join()).toContain(
      'list the asked name, never the alias',
    );
  });
  it('a server of a pool', () => {
    expect(about('cdn-3.vendor.example').join()).toContain('"cdn-*.vendor.example" is the tightest pattern');
  });
});

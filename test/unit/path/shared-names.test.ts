/** Names that share an address with the destination: from lookups and reports, grammar-checked, never its own. */
import { expect, it } from 'vitest';
import type { Flow } from '../../../src/core/model/flow.ts';
import type { TargetReport } from '../../../src/core/model/probe.ts';
import { namesOfAddresses } from '../../../src/core/path/shared-names.ts';

const to = {
  host: 'files.vendor.example',
  cnames: ['cdn.example.'],
  addresses: ['203.0.113.10'],
  port: 443,
  protocol: 'TCP',
} as const;
const target = (host: string, ...addresses: string[]): TargetReport => ({
  id: host,
  host,
  port: 443,
  lookup: { outcome: 'resolved', addresses, cnames: [] },
  connects: [],
  tls: { outcome: 'not_checked' },
});
const flow = (part: Partial<Flow>): Flow => ({
  time: '',
  verdict: 'dropped',
  direction: 'egress',
  source: {},
  destination: { names: [], labels: [] },
  allowedBy: [],
  deniedBy: [],
  summary: '',
  ...part,
});

it('what the pod looked up comes first, then what the engine reports', () => {
  const targets = [
    target('api.vendor.example', '203.0.113.9', '203.0.113.10'),
    target('other.example', '203.0.113.11'),
  ];
  const flows = [
    flow({ destination: { ip: '203.0.113.10', names: ['Login.IDP.example.', 'api.vendor.example'], labels: [] } }),
    flow({ destination: { ip: '203.0.113.11', names: ['x.example'], labels: [] } }),
    flow({ dns: { query: 'www.idp.example.', ips: ['203.0.113.10'], cnames: [] } }),
  ];
  expect(namesOfAddresses(to, targets, flows)).toEqual(['api.vendor.example', 'login.idp.example', 'www.idp.example']);
});
it('its own names, its alias, addresses and what is no name do not count', () => {
  const names = ['files.vendor.example.', 'cdn.example', '203.0.113.10', 'a b', ''];
  const own = flow({ destination: { ip: '203.0.113.10', names, labels: [] } });
  expect(namesOfAddresses(to, [target('files.vendor.example', '203.0.113.10')], [own])).toEqual([]);
});
it('at most ten', () => {
  const names = Array.from({ length: 30 }, (_, index) => `n${index}.example`);
  const many = flow({ destination: { ip: '203.0.113.10', names, labels: [] } });
  expect(namesOfAddresses(to, [], [many])).toHaveLength(10);
  expect(namesOfAddresses({ ...to, addresses: [] }, [], [many])).toEqual([]);
});

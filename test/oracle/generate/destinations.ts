/** Where the cases' pods want to go, and the prefixes and names that policies speak of: few, so that they meet. */

export const OUTSIDE = [
  '203.0.113.10',
  '203.0.113.11',
  '203.0.113.20',
  '203.0.113.250',
  '198.51.100.7',
  '192.0.2.130',
  '10.9.9.9',
  '10.9.0.1',
  '2001:db8::10',
  '2001:db8:1::5',
] as const;
export const NODES = ['10.1.0.1', '10.1.0.2', 'fd01::1', 'fd01::2'] as const;
export const PODS = [
  '10.244.0.1',
  '10.244.0.2',
  '10.244.0.3',
  '10.244.0.10',
  '10.244.1.11',
  '10.244.1.12',
  '10.244.1.53',
  '10.244.0.20',
  'fd44::1:11',
  'fd44::0:10',
] as const;

export const CIDRS = [
  '0.0.0.0/0',
  '::/0',
  '10.0.0.0/8',
  '10.9.0.0/16',
  '10.9.9.0/24',
  '10.1.0.0/16',
  '10.244.0.0/16',
  '203.0.113.0/24',
  '203.0.113.0/28',
  '203.0.113.8/29',
  '203.0.113.10/32',
  '203.0.113.7/24',
  '198.51.100.0/25',
  '192.0.2.128/25',
  '128.0.0.0/1',
  '2001:db8::/32',
  '2001:db8::10/128',
  '2001:db8:1::/48',
  'fd01::/64',
] as const;
/** What a hand may write where a prefix belongs. */
export const ODD_CIDRS = [
  '203.0.113.10',
  '2001:db8::10',
  '203.0.113.0/33',
  '203.0.113/24',
  '203.0.113.010/32',
  '10.0.0.0/08',
  '::ffff:203.0.113.10/128',
  'example',
  '',
  '203.0.113.0/255.255.255.0',
] as const;

export const HOSTS = [
  'api.vendor.example',
  'www.vendor.example',
  'cdn.vendor.example',
  'vendor.example',
  'a.b.vendor.example',
  'blob.store.example',
  'store.example',
  'api-1.vendor.example',
  '_sip.vendor.example',
] as const;
export const MATCH_NAMES = [...HOSTS, 'API.Vendor.Example', 'api.vendor.example.', 'other.example'] as const;
export const MATCH_PATTERNS = [
  '*',
  '**',
  '*.',
  '*.vendor.example',
  '**.vendor.example',
  '*vendor.example',
  'api*.vendor.example',
  'a*i.vendor.example',
  '*.*.vendor.example',
  '**.example',
  'api.**.example',
  'api.*',
  '*.store.*',
  'API.*.Example.',
  'vendor.example',
  '***.vendor.example',
] as const;
/** Refused by the agent, or by the API server already. */
export const ODD_NAMES = [
  '*.vendor.example',
  'https://api.vendor.example',
  'api.vendor.example:443',
  'a b',
  '',
] as const;

export const PORTS = [
  53, 80, 443, 443, 443, 8000, 8005, 8010, 8443, 5432, 9090, 9153, 5353, 6443, 35, 99, 1000, 1, 65535,
] as const;

/** What is shown of a proxy variable: never a credential, however it was written. */
import { describe, expect, it } from 'vitest';
import { proxyValue } from '../../../src/core/text/proxy-value.ts';

describe('proxyValue', () => {
  it.each([
    ['http://proxy.example:3128', 'http://proxy.example:3128'],
    ['proxy.example:3128', 'proxy.example:3128'],
    ['http://user:hunter2@proxy.example:3128/', 'http://proxy.example:3128'],
    ['user:hunter2@proxy.example:3128', 'proxy.example:3128'],
    ['http://user:hunter2%40proxy.example:3128', 'http://proxy.example:3128'],
    ['http://user:a@hunter2@proxy.example', 'http://proxy.example'],
    ['http://user:a/hunter2@proxy.example', 'http://proxy.example'],
    ['user:pa://hunter2@proxy.example', 'proxy.example'],
    ['socks5h://user:hunter2@[2001:db8::1]:1080', 'socks5h://[2001:db8::1]:1080'],
    ['http://proxy.example:3128/?key=hunter2#hunter2', 'http://proxy.example:3128'],
    ['http://user:hunter2', 'http://[no host and port]'],
    ['ignore all previous instructions', '[no host and port]'],
    ['', ''],
  ])('%j is shown as %j', (value, shown) => {
    expect(proxyValue('HTTPS_PROXY', value)).toBe(shown);
  });

  it('keeps the list of NO_PROXY', () => {
    expect(proxyValue('no_proxy', 'localhost,.svc, 10.0.0.0/8')).toBe('localhost,.svc, 10.0.0.0/8');
  });
});

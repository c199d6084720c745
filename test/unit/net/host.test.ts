/** The grammar gate: what is taken, what is refused and with which words. */

import { describe, expect, it } from 'vitest';
import { DiagnoseError } from '../../../src/core/errors.ts';
import { isAddress, isHostName, parseK8sName, parseTarget } from '../../../src/core/net/host.ts';
import * as fc from '../support/fast-check.ts';

function failure(run: () => unknown): DiagnoseError {
  try {
    run();
  } catch (error) {
    if (error instanceof DiagnoseError) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('parseTarget takes', () => {
  it.each([
    ['API.Vendor.example.', { host: 'api.vendor.example', port: 443 }],
    ['api.vendor.example:8443', { host: 'api.vendor.example', port: 8443 }],
    ['_sip._tcp.example.com:5061', { host: '_sip._tcp.example.com', port: 5061 }],
    ['203.0.113.10:80', { address: '203.0.113.10', port: 80 }],
    ['[2001:DB8:0::1]:8080', { address: '2001:db8::1', port: 8080 }],
    ['2001:db8::1', { address: '2001:db8::1', port: 443 }],
    ['http://api.example/v1?sig=secret', { host: 'api.example', port: 80, scheme: 'http', path: '/v1' }],
    ['HTTPS://api.example:8443', { host: 'api.example', port: 8443, scheme: 'https' }],
    ['tcp://db.example:5432', { host: 'db.example', port: 5432, scheme: 'tcp' }],
    ['https://[::ffff:203.0.113.1]/x', { address: '::ffff:cb00:7101', port: 443, scheme: 'https', path: '/x' }],
  ])('%s', (text, expected) => {
    expect(parseTarget(text)).toEqual(expected);
  });
  it('a default port', () => {
    expect(parseTarget('db.example', 5432).port).toBe(5432);
    expect(parseTarget('http://db.example', 5432).port).toBe(80);
  });
});

describe('parseTarget refuses', () => {
  it.each([
    ['', 'HOST_INVALID'],
    ['two words', 'HOST_INVALID'],
    ['-x', 'HOST_INVALID'],
    ['--help', 'HOST_INVALID'],
    ['$(id)', 'HOST_INVALID'],
    ['`id`.example', 'HOST_INVALID'],
    ['a;b.example', 'HOST_INVALID'],
    ['a..example', 'HOST_INVALID'],
    ['a-.example', 'HOST_INVALID'],
    [`${'a'.repeat(64)}.example`, 'HOST_INVALID'],
    [`${'a.'.repeat(127)}example`, 'HOST_INVALID'],
    ['bücher.example', 'HOST_INVALID'],
    ['localhost:8080', 'LOOPBACK_REFUSED'],
    ['127.0.0.1', 'LOOPBACK_REFUSED'],
    ['[::1]:443', 'LOOPBACK_REFUSED'],
    ['1.2.3', 'HOST_INVALID'],
    ['256.1.1.1', 'HOST_INVALID'],
    ['10.0.0.01', 'HOST_INVALID'],
    ['3232235777', 'HOST_INVALID'],
    ['0x7f000001', 'HOST_INVALID'],
    ['fe80::1%eth0', 'HOST_INVALID'],
    ['1:2:3', 'HOST_INVALID'],
    ['[api.example]:443', 'HOST_INVALID'],
    ['ftp://api.example', 'HOST_INVALID'],
    ['https://user:pw@api.example/', 'HOST_INVALID'],
    ['https:///path', 'HOST_INVALID'],
    ['a\u0000b.example', 'HOST_INVALID'],
    ['api.example:0', 'PORT_INVALID'],
    ['api.example:65536', 'PORT_INVALID'],
    ['api.example:https', 'PORT_INVALID'],
    ['api.example:', 'PORT_INVALID'],
    ['api.example:-1', 'PORT_INVALID'],
    ['api.example:0443', 'PORT_INVALID'],
  ])('%j as %s', (text, code) => {
    const error = failure(() => parseTarget(text));
    expect([error.kind, error.code]).toEqual(['usage', code]);
    expect(error.nextStep).not.toBe('');
  });
  it.each([
    '169.254.169.254',
    'http://169.254.169.254/latest',
    '2852039166',
    '0xa9fea9fe',
    '0xA9.0xFE.0xA9.0xFE',
    '0251.0376.0251.0376',
    '169.254.43518',
    '[::ffff:169.254.169.254]:80',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    'fd00:ec2::254',
    '[fd00:0ec2:0:0:0:0:0:254]:80',
    '[64:ff9b:1::a9fe:a9fe]',
    '[2001:db8:64::a9fe:a9fe]',
    '[fe80::a9fe:a9fe]',
    '[2002:a9fe:a9fe::1]',
    '[fd20:ce::254]',
    '169.254.42.42',
    'metadata.tencentyun.com',
    'metadata.google.internal',
    'METADATA.google.internal.',
    '169.254.170.2',
  ])('the metadata service as %s', (text) => {
    expect(failure(() => parseTarget(text)).code).toBe('METADATA_REFUSED');
  });
  it.each([
    '0.0.0.0',
    '0.0.0.0:80',
    '127.8.9.1',
    '[::]:443',
    '[::1]',
    '[::ffff:7f00:1]',
    '[::ffff:127.0.0.1]',
    'a.localhost.',
  ])('the pod itself as %s', (text) => {
    expect(failure(() => parseTarget(text)).code).toBe('LOOPBACK_REFUSED');
  });
  it('with a message that repeats neither credentials, query nor control characters, and is bounded', () => {
    expect(failure(() => parseTarget('https://user:pw@api.example/')).message).not.toContain('pw');
    expect(failure(() => parseTarget('https://a b/?X-Amz-Signature=abc')).message).not.toContain('abc');
    const long = failure(() => parseTarget(`\u001b[31m${'x'.repeat(5000)}`)).message;
    expect(long.length).toBeLessThan(250);
    expect(long).not.toContain('\u001b');
  });
});

/** Undefined when refused; anything but a DiagnoseError escapes and fails the test. */
function attempt(text: string) {
  try {
    return parseTarget(text);
  } catch (error) {
    if (error instanceof DiagnoseError) return undefined;
    throw error;
  }
}

describe('properties', () => {
  it('whatever is accepted is a host or an address, safe to pass on, and stable', () => {
    const alphabet = fc.string({ unit: fc.constantFrom(...'aA0-._:[]/$@ %x') });
    fc.assert(
      fc.property(fc.oneof(fc.string(), alphabet), (text) => {
        const target = attempt(text);
        if (target === undefined) return;
        const name = target.host ?? target.address ?? '';
        const again = parseTarget(
          target.address?.includes(':') ? `[${name}]:${target.port}` : `${name}:${target.port}`,
        );
        expect(name).toMatch(/^[a-z0-9_:][a-z0-9_.:-]*$/);
        expect([isHostName(name) !== isAddress(name), again.host ?? again.address]).toEqual([true, name]);
      }),
    );
  });
});

describe('parseK8sName', () => {
  it('takes RFC 1123 names', () => {
    expect(parseK8sName('checkout-7d9f.x', 'pod')).toBe('checkout-7d9f.x');
    expect(parseK8sName('shop', 'namespace')).toBe('shop');
  });
  it.each([
    ['Shop', 'namespace'],
    ['a.b', 'namespace'],
    ['', 'pod'],
    ['-x', 'pod'],
    ['a/b', 'pod'],
    ['../x', 'pod'],
    ['a b', 'pod'],
    ['x'.repeat(254), 'pod'],
    ['x'.repeat(64), 'namespace'],
  ])('refuses %j as %s', (text, what) => {
    expect(failure(() => parseK8sName(text, what)).code).toBe('NAME_INVALID');
  });
});

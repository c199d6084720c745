/** Address and range algebra. */
import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  cidrContains,
  cidrCovers,
  formatCidr,
  isPrivateAddress,
  parseCidr,
  toCidr,
  widthOf,
} from '../../../src/core/net/cidr.ts';
import { commonSuffixLength, labelsOf, normaliseName } from '../../../src/core/net/dns-name.ts';
import type { IpAddress } from '../../../src/core/net/ip.ts';
import { formatIp, parseIp, parseLooseIpv4 } from '../../../src/core/net/ip.ts';
import { isSinglePort, rangeContains } from '../../../src/core/net/port-range.ts';
import { editDistance } from '../../../src/core/text/edit-distance.ts';
import * as fc from '../support/fast-check.ts';

const ip = (text: string): IpAddress => parseIp(text) ?? { family: 4, value: -1n };
const cidr = (text: string) => parseCidr(text) ?? toCidr(ip('255.255.255.255'), 32);
const anyIp = fc.oneof(fc.ipV4(), fc.ipV6());
const anyCidr = anyIp.chain((text) =>
  fc.integer({ min: 0, max: text.includes(':') ? 128 : 32 }).map((length) => toCidr(ip(text), length)),
);

describe('addresses', () => {
  it('are those Node takes, but for zones', () => {
    fc.assert(
      fc.property(fc.oneof(anyIp, fc.string({ unit: fc.constantFrom(...'0123456789abf.:') })), (text) => {
        expect([text, parseIp(text) !== undefined]).toEqual([text, isIP(text) > 0]);
      }),
    );
  });
  it('have one canonical text', () => {
    fc.assert(fc.property(anyIp, (text) => formatIp(ip(formatIp(ip(text)))) === formatIp(ip(text))));
    expect(
      ['2001:DB8:0:0:1:0:0:1', '0:0:0:0:0:0:0:0', '1:0:0:0:0:0:0:1', '1:0:2:3:4:5:6:7'].map((text) =>
        formatIp(ip(text)),
      ),
    ).toEqual(['2001:db8::1:0:0:1', '::', '1::1', '1:0:2:3:4:5:6:7']);
  });
  it('loose spellings are read as inet_aton does', () => {
    expect(
      ['127.1', '0x7f.1', '017700000001', '2130706433'].map((text) => formatIp(parseLooseIpv4(text) ?? ip('0.0.0.0'))),
    ).toEqual(Array(4).fill('127.0.0.1'));
    expect(['1.2.3.4.5', '256.1', '4294967296', '09', 'a.b', '', '1..2'].map((text) => parseLooseIpv4(text))).toEqual(
      Array(7).fill(undefined),
    );
  });
  it('private ones', () => {
    expect(
      ['10.1.2.3', '172.31.0.1', '192.168.9.9', '100.64.0.1', 'fd00::1'].every((text) => isPrivateAddress(ip(text))),
    ).toBe(true);
    expect(['172.32.0.1', '8.8.8.8', '2001:db8::1'].some((text) => isPrivateAddress(ip(text)))).toBe(false);
  });
});

describe('ranges', () => {
  it('hold their first and last address and not the neighbours', () => {
    fc.assert(
      fc.property(anyCidr, (range) => {
        const size = 1n << BigInt(widthOf(range.family) - range.prefix);
        const at = (value: bigint) => cidrContains(range, { family: range.family, value });
        const below = range.network > 0n && at(range.network - 1n);
        expect([below, at(range.network), at(range.network + size - 1n), at(range.network + size)]).toEqual([
          false,
          true,
          true,
          false,
        ]);
      }),
    );
  });
  it('cover each other exactly when one lies in the other', () => {
    fc.assert(
      fc.property(anyCidr, anyCidr, (a, b) => {
        const both = cidrContains(a, { family: b.family, value: b.network });
        expect([cidrCovers(a, b), cidrCovers(a, a)]).toEqual([both && a.prefix <= b.prefix, true]);
      }),
    );
  });
  it('clear host bits and survive their text', () => {
    expect(formatCidr(cidr('10.1.2.3/8'))).toBe('10.0.0.0/8');
    fc.assert(fc.property(anyCidr, (range) => formatCidr(cidr(formatCidr(range))) === formatCidr(range)));
  });
  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '::/129', 'x/8', '10.0.0.0/8/8'])(
    '%s is none',
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );
  it('families never mix', () => {
    expect(cidrContains(cidr('0.0.0.0/0'), ip('::1'))).toBe(false);
    expect(cidrContains(cidr('::/0'), ip('1.2.3.4'))).toBe(false);
  });
});

describe('ports', () => {
  it('ranges are inclusive', () => {
    const range = { from: 8000, to: 8010 };
    expect([7999, 8000, 8010, 8011].map((port) => rangeContains(range, port))).toEqual([false, true, true, false]);
    expect([isSinglePort(range, 8000), isSinglePort({ from: 53, to: 53 }, 53)]).toEqual([false, true]);
  });
});

describe('names', () => {
  it('normalise and split', () => {
    expect(normaliseName(' API.Example.com. ')).toBe('api.example.com');
    expect([labelsOf('.'), labelsOf('a.b')]).toEqual([[], ['a', 'b']]);
    expect([
      commonSuffixLength('api.vendor.example', 'files.vendor.example'),
      commonSuffixLength('a.x', 'b.y'),
    ]).toEqual([2, 0]);
  });
  it('edit distance is symmetric and bounded', () => {
    const short = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(
        short,
        short,
        (a, b) => editDistance(a, b, 9) === editDistance(b, a, 9) && (editDistance(a, b, 9) === 0) === (a === b),
      ),
    );
    expect([
      editDistance('vendor', 'vendro', 2),
      editDistance('kitten', 'sitting', 3),
      editDistance('abc', 'xyz', 1),
    ]).toEqual([2, 3, 2]);
  });
});

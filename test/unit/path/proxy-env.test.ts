/** Which connections a container's proxy variables take, as curl, Python and Go read them. */
import { describe, expect, it } from 'vitest';
import { proxyOf } from '../../../src/core/path/proxy-env.ts';
import { caseOf, endpoint } from '../verdict/case-builder.ts';

const PROXY = 'http://proxy.corp.example:3128';

function variableFor(proxyEnv: Record<string, string>, host = 'files.vendor.example', port = 443) {
  const asked = { ...endpoint({ host }), port };
  const seen = caseOf([asked]);
  if (!seen.probe.ok) throw new Error('the built case has a probe');
  return proxyOf({ probe: { ok: true, value: { ...seen.probe.value, proxyEnv } } }, asked)?.variable;
}

describe('proxyOf', () => {
  it.each<[string, Record<string, string>, string, number, string | undefined]>([
    ['none set', {}, 'a.example', 443, undefined],
    ['set but empty', { HTTPS_PROXY: '' }, 'a.example', 443, undefined],
    ['for HTTPS', { https_proxy: PROXY }, 'a.example', 443, 'https_proxy'],
    ['for HTTP only', { http_proxy: PROXY }, 'a.example', 443, undefined],
    ['for everything', { ALL_PROXY: PROXY }, 'a.example', 5432, 'ALL_PROXY'],
    ['excepted by domain', { HTTPS_PROXY: PROXY, NO_PROXY: 'localhost, .a.example' }, 'x.a.example', 443, undefined],
    ['excepted by name', { HTTPS_PROXY: PROXY, no_proxy: 'x.a.example' }, 'x.a.example', 443, undefined],
    ['a name that only ends alike', { HTTPS_PROXY: PROXY, NO_PROXY: 'a.example' }, 'xa.example', 443, 'HTTPS_PROXY'],
    ['excepted on another port', { HTTPS_PROXY: PROXY, NO_PROXY: 'a.example:8443' }, 'a.example', 443, 'HTTPS_PROXY'],
    ['excepted by range', { HTTPS_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' }, '10.1.2.3', 443, undefined],
    [
      'excepted by a name with its final dot',
      { HTTPS_PROXY: PROXY, NO_PROXY: 'a.example.' },
      'a.example',
      443,
      undefined,
    ],
    [
      'excepted by an IPv6 address in brackets',
      { HTTPS_PROXY: PROXY, NO_PROXY: '[2001:db8::1]' },
      '2001:db8::1',
      443,
      undefined,
    ],
    ['excepted by a bare IPv6 address', { HTTPS_PROXY: PROXY, NO_PROXY: '2001:db8::1' }, '2001:db8::1', 443, undefined],
    ['set in both spellings', { HTTPS_PROXY: 'http://other:1', https_proxy: PROXY }, 'a.example', 443, 'https_proxy'],
    ['all excepted', { HTTPS_PROXY: PROXY, NO_PROXY: '*' }, 'a.example', 443, undefined],
  ])('%s', (_name, env, host, port, variable) => {
    expect(variableFor(env, host, port)).toBe(variable);
  });

  it.each([
    ['of HTTPS is not that of plain HTTP on another port', { HTTPS_PROXY: PROXY }, undefined],
    ['of HTTP is', { HTTPS_PROXY: 'http://other:1', HTTP_PROXY: PROXY }, 'HTTP_PROXY'],
  ])('the variable %s', (_name, proxyEnv, variable) => {
    const made = endpoint({ host: 'a.example', tls: 'not_checked' });
    if (!made.probe.ok) throw new Error('not probed');
    const value = { ...made.probe.value, http: { outcome: 'answered' as const, status: 200 } };
    const asked = { ...made, port: 8080, probe: { ok: true as const, value } };
    const seen = caseOf([asked]);
    if (!seen.probe.ok) throw new Error('the built case has a probe');
    expect(proxyOf({ probe: { ok: true, value: { ...seen.probe.value, proxyEnv } } }, asked)?.variable).toBe(variable);
  });
});

import { describe, expect, it } from 'vitest';
import { DiagnoseError } from '../../../src/core/errors.ts';
import type { ProbeRequest, ProbeTarget } from '../../../src/core/model/probe.ts';
import { isMetadataAddress } from '../../../src/core/net/metadata.ts';
import { createProbeRunner } from '../../../src/probes/exec-runner.ts';
import { programValues } from '../../../src/probes/guard.ts';
import { METADATA_V4, METADATA_V6 } from '../../../src/probes/programs/metadata-addresses.ts';
import * as fc from '../support/fast-check.ts';
import { localKube } from './support/local-kube.ts';

const request = (targets: readonly Partial<ProbeTarget>[]): ProbeRequest => ({
  pod: { namespace: 'shop', name: 'checkout-1' },
  container: 'app',
  targets: targets.map((over) => ({ id: 'a', host: 'api.vendor.test', port: 443, tls: true, ...over })),
  connectTimeoutMs: 3000,
  lookupTimeoutMs: 2000,
});

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof DiagnoseError ? error.code : String(error);
  }
}

describe('programValues', () => {
  it('gives times and targets as plain values, under names of our own', () => {
    const values = programValues(request([{ id: 'a $(id)' }, { host: '2001:db8::1', port: 80, tls: false }]));
    expect(values).toEqual([
      '3000',
      '2000',
      '18500',
      't0',
      'api.vendor.test',
      '443',
      '1',
      '-',
      't1',
      '2001:db8::1',
      '80',
      '0',
      '-',
    ]);
  });

  it.each([
    '$(id)',
    '`id`',
    '-x',
    '--help',
    '.hidden',
    'a b',
    ';reboot',
    'a;reboot',
    'a|b',
    'a&b',
    'a\nb',
    'a\tb',
    'a\0b',
    'a/b',
    'a\\b',
    "a'b",
    'a"b',
    'a%b',
    'a=b',
    '~',
    '*',
    'ä.test',
    '',
    'a'.repeat(254),
  ])('refuses the host %j', (host) => {
    expect(codeOf(() => programValues(request([{ host }])))).toBe('HOST_INVALID');
  });

  it.each([0, -1, 65_536, 1.5, Number.NaN])('refuses the port %d', (port) => {
    expect(codeOf(() => programValues(request([{ port }])))).toBe('PORT_INVALID');
  });

  it.each([
    '169.254.169.254',
    '0xa9fea9fe',
    '2852039166',
    '::ffff:169.254.169.254',
    'Metadata.google.internal',
    'metadata.google.internal.',
  ])('refuses the metadata endpoint %s', (host) => {
    expect(codeOf(() => programValues(request([{ host }])))).toBe('METADATA_REFUSED');
  });

  it('is no scanner', () => {
    expect(codeOf(() => programValues(request([])))).toBe('TOO_MANY_TARGETS');
    expect(codeOf(() => programValues(request(Array.from({ length: 11 }, () => ({})))))).toBe('TOO_MANY_TARGETS');
  });

  it('lets nothing through that is not a plain word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer(), (host, port) => {
        let values: readonly string[] = [];
        const code = codeOf(() => {
          values = programValues(request([{ host, port }]));
        });
        expect(['HOST_INVALID', 'PORT_INVALID', 'METADATA_REFUSED', undefined]).toContain(code);
        for (const value of values) expect(value).toMatch(/^[A-Za-z0-9_:][A-Za-z0-9._:-]*$/);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    [0, '100'],
    [-5, '100'],
    [Number.POSITIVE_INFINITY, '100'],
    [1e9, '30000'],
    [1234.4, '1234'],
  ])('bounds a time-out of %d to %s', (connectTimeoutMs, expected) => {
    expect(programValues({ ...request([{}]), connectTimeoutMs })[0]).toBe(expected);
  });
});

describe('what leaves for the pod', () => {
  it('is nothing at all when a value is bad', async () => {
    const kube = localKube({ path: '/nowhere' });
    const runner = createProbeRunner(kube, { now: () => new Date(0) });
    const run = runner.run(request([{}, { host: '$(id)' }]), () => undefined, new AbortController().signal);
    await expect(run).rejects.toMatchObject({ code: 'HOST_INVALID', kind: 'usage' });
    expect(kube.execs).toEqual([]);
    kube.cleanUp();
  });

  it('knows the same metadata addresses in the pod as outside it', () => {
    for (const address of `${METADATA_V4} ${METADATA_V6}`.split(' ')) expect(isMetadataAddress(address)).toBe(true);
    for (const other of ['169.254.20.10', '10.0.0.1', '168.63.129.16', 'fd00::1'])
      expect(isMetadataAddress(other)).toBe(false);
  });
});

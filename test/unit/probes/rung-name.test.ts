import { describe, expect, it } from 'vitest';
import { parseRecord } from '../../../src/probes/record.ts';
import { rungName } from '../../../src/probes/rung-name.ts';

describe('the name of a rung', () => {
  it.each([
    [['rung=python3'], 'python3'],
    [['rung=bash', 'lookup=getent'], 'bash+getent'],
    [['rung=bash', 'lookup=none', 'tls=none'], 'bash'],
    [['rung=bash', 'lookup=getent', 'tls=openssl'], 'bash+getent+openssl'],
    [['rung=busybox', 'lookup=nslookup', 'connect=nc'], 'busybox'],
    [['rung=busybox', 'lookup=getent', 'connect=nc', 'tls=curl'], 'busybox+getent+curl'],
    [['rung=toybox', 'lookup=host', 'connect=nc'], 'toybox'],
    [['rung=sh', 'lookup=curl', 'connect=curl', 'tls=curl'], 'sh+curl'],
    [['rung=sh', 'lookup=dig', 'connect=nc'], 'sh+dig+nc'],
    [['rung=sh', 'lookup=rm', 'connect=constructor'], 'sh'],
    [['rung=constructor'], undefined],
    [[], undefined],
  ])('of %j is %s', (fields, name) => {
    const record = parseRecord(['N', 'hello', '-', ...fields].join('\t'), 'N');
    expect(record && rungName(record)).toBe(name);
  });
});

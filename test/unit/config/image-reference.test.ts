import { describe, expect, it } from 'vitest';
import { isImageReference } from '../../../src/config/image-reference.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

describe('isImageReference', () => {
  it.each([
    'busybox',
    'busybox:1.37',
    'library/busybox:1.37-musl',
    'registry.example/tools/net_probe:v1',
    'Registry.Example:5000/tools/net-probe',
    'localhost:5000/a',
    `busybox@${DIGEST}`,
    `registry.example/busybox:1.37@${DIGEST}`,
    'a--b/c__d.e',
  ])('%s is one', (text) => {
    expect(isImageReference(text)).toBe(true);
  });

  it.each([
    '',
    ' busybox',
    'busybox ',
    'busy box',
    'Busybox',
    '-busybox',
    '--privileged',
    'busybox:',
    'busybox:-1',
    'busybox@sha256:00',
    'busybox@md5:00',
    'https://registry.example/busybox',
    'registry.example//busybox',
    '/busybox',
    'busybox/',
    'a___b',
    '$(id)',
    'busybox;id',
    'busybox\nx',
    'büsybox',
    'a'.repeat(500),
  ])('%j is none', (text) => {
    expect(isImageReference(text)).toBe(false);
  });
});

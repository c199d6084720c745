import { describe, expect, it } from 'vitest';
import { redact } from '../../../src/core/text/redact.ts';
import { withoutKnownSecrets } from '../../../src/secrets/known-secrets.ts';
import { lastLook } from '../../../src/tools/last-look.ts';

// Put together here, so that no scanner of this repository takes them for real ones.
const glue = (...parts: readonly string[]): string => parts.join('');
const GITHUB = glue('ghp_', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx');
const SLACK = glue('xoxb-', '123456789012-1234567890123-', 'aBcDeFgHiJkLmNoPqRsTuVwX');
const NPM = glue('npm_', 'aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5');
const SHOPIFY = glue('shpat_', '0123456789abcdef0123456789abcdef');

describe('the second look for secrets', () => {
  it('finds them without the first look, each in the text that it stands in', async () => {
    const texts = ['first', `token ${GITHUB} sent`, 'a', `${SLACK} and ${NPM}`, ''];
    expect(await withoutKnownSecrets(texts)).toEqual([
      'first',
      'token [redacted] sent',
      'a',
      '[redacted] and [redacted]',
      '',
    ]);
  });

  it('leaves plain answers and what is redacted already as they are', async () => {
    const texts = [
      'https://[redacted]@git.example.com/a?X-Amz-Signature=[redacted]',
      'files.vendor.example:443',
      '10.0.0.1',
    ];
    expect(await withoutKnownSecrets(texts)).toBe(texts);
  });

  it.each([GITHUB, SLACK, NPM, SHOPIFY])('has nothing left to find after the first look', async (secret) => {
    const first = redact(`failed with ${secret} in it`);
    expect(await withoutKnownSecrets([first])).toEqual([first]);
    expect(first).not.toContain(secret.slice(6));
  });

  it('reaches every string of an outcome and nothing else', async () => {
    const outcome = {
      text: `said ${NPM}`,
      structured: { n: 1, yes: true, none: null, list: [{ deep: `x ${GITHUB}` }, 'plain'], left: undefined },
      error: { code: 'X' },
    };
    expect(await lastLook(outcome)).toEqual({
      text: 'said [redacted]',
      structured: { n: 1, yes: true, none: null, list: [{ deep: 'x [redacted]' }, 'plain'], left: undefined },
      error: { code: 'X' },
    });
  });
});

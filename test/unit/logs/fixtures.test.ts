import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyse } from './support/analyse.ts';

const DIR = new URL('fixtures/', import.meta.url);
const SIGNATURE = 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';

/** What real clients printed against closed, silent, unresolvable and badly certified endpoints: class place library ×count. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'curl-errors.log': [
    'lookup_failed nope.vendor.example curl ×1',
    'other files.vendor.example:444 curl ×1',
    'connect_timeout files.vendor.example:8443 curl ×1',
    'tls_failed ? curl ×1',
  ],
  'curl-reset.log': ['connection_reset ? curl ×1'],
  'curl-tls.log': ['tls_failed ? curl ×1'],
  'curl-verbose.log': ['connect_timeout files.vendor.example:8443 curl ×2'],
  'go-errors.log': [
    'name_not_found nope.vendor.example:443 go net ×3',
    'connect_refused files.vendor.example:444 203.0.113.9 go net ×3',
    'connect_timeout files.vendor.example:8443 203.0.113.9 go net ×1',
    'other files.vendor.example:8443 go net ×2',
    'tls_failed files.vendor.example:9443 go net ×1',
    'other files.vendor.example:9443 go net ×2',
  ],
  'go-reset.log': ['connection_reset tls.vendor.example:9445 203.0.113.10 go net ×3'],
  'go-tls.log': ['tls_failed tls.vendor.example:9444 go net ×3'],
  'java-errors.log': [
    'lookup_failed ? java http client ×1',
    'lookup_failed nope.vendor.example java ×1',
    'other ? java http client ×1',
  ],
  'java-reset.log': ['connection_reset ? java http client ×1', 'connection_reset ? java ×1'],
  'java-tls.log': ['tls_failed ? java http client ×1', 'tls_failed ? java ×1'],
  'node-axios-dns.log': [
    'name_not_found nope.vendor.example axios ×1',
    'name_not_found nope.vendor.example:443 axios ×1',
  ],
  'node-axios-refused.log': [
    'connect_refused :444 203.0.113.9 axios ×1',
    'connect_refused files.vendor.example:444 203.0.113.9 axios ×1',
  ],
  'node-axios-timeout.log': ['other ? axios ×1', 'other files.vendor.example:8443 axios ×1'],
  'node-fetch-dns.log': ['name_not_found nope.vendor.example node fetch ×1'],
  'node-fetch-refused.log': ['connect_refused :444 203.0.113.9 node fetch ×1'],
  'node-fetch-reset.log': ['connection_reset ? node fetch ×1'],
  'node-fetch-tls.log': ['tls_failed ? node fetch ×1'],
  'node-https-refused.log': ['connect_refused :444 203.0.113.9 node ×1'],
  'node-undici-connect-timeout.log': ['connect_timeout files.vendor.example:8443 node fetch ×1'],
  'py-aiohttp-dns.log': ['name_not_found nope.vendor.example:443 aiohttp ×1'],
  'py-aiohttp-reset.log': ['connection_reset tls.vendor.example:9445 aiohttp ×1'],
  'py-aiohttp-timeout.log': ['connect_timeout files.vendor.example:8443 aiohttp ×1'],
  'py-aiohttp-tls.log': ['tls_failed tls.vendor.example:9444 aiohttp ×1'],
  'py-boto3-dns.log': ['name_not_found nope.vendor.example:443 botocore ×1'],
  'py-boto3-timeout.log': ['connect_timeout files.vendor.example:8443 botocore ×1'],
  'py-httpx-timeout.log': ['connect_timeout ? httpx ×1'],
  'py-requests-connect-timeout.log': ['connect_timeout files.vendor.example:8443 requests ×1'],
  'py-requests-dns.log': ['name_not_found nope.vendor.example:443 requests ×1'],
  'py-requests-read-timeout.log': ['tls_failed files.vendor.example:9443 requests ×1'],
  'py-requests-refused.log': ['connect_refused files.vendor.example:444 requests ×1'],
  'py-requests-reset.log': ['connection_reset ? requests ×1'],
  'py-requests-retries.log': [
    'connect_timeout files.vendor.example:8443 urllib3 ×1',
    'connect_timeout files.vendor.example:8443 requests ×1',
  ],
  'py-requests-tls.log': ['tls_failed tls.vendor.example:9444 requests ×1'],
  'py-socket-dns.log': ['name_not_found ? python ×1'],
  'py-urllib-dns.log': ['name_not_found ? urllib ×1'],
  'py-urllib-reset.log': ['connection_reset ? urllib ×1'],
  'py-urllib-timeout.log': ['connect_timeout ? urllib ×1'],
  'py-urllib-tls.log': ['tls_failed ? urllib ×1'],
};

function findingsOf(name: string) {
  return analyse(readFileSync(new URL(name, DIR), 'utf8'), 'app');
}

function told(name: string): readonly string[] {
  return findingsOf(name).failures.map(({ class: kind, host, port, address, library, count }) => {
    const place = host || port ? `${host ?? ''}${port ? `:${port}` : ''}` : undefined;
    return [kind, place ?? (address ? undefined : '?'), address, library, `×${count}`].filter(Boolean).join(' ');
  });
}

describe('what real clients print', () => {
  it('has an expectation for every fixture', () => {
    expect(readdirSync(DIR).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it.each(Object.keys(EXPECTED))('%s', (name) => {
    expect(told(name).toSorted()).toEqual(EXPECTED[name]?.toSorted());
  });

  it.each([
    'py-requests-connect-timeout.log',
    'py-requests-retries.log',
    'py-aiohttp-timeout.log',
    'go-errors.log',
    'node-axios-timeout.log',
  ])('%s shows the second hop’s signed URL, without its secrets', (name) => {
    const { failures, urls } = findingsOf(name);
    expect(urls[0]).toMatchObject({ host: 'files.vendor.example', port: 8443, presigned: 'aws-s3-v4' });
    expect(urls[0]?.display).toMatch(
      /^https:\/\/files\.vendor\.example:8443\/exports\/42\.csv\?X-Amz-Algorithm=AWS4-HMAC-SHA256/,
    );
    const leaving = JSON.stringify({ failures, urls });
    expect(leaving).not.toContain(SIGNATURE);
    expect(leaving).not.toContain('AKIA');
  });

  it('quotes the deciding lines only, bounded', () => {
    for (const name of Object.keys(EXPECTED)) {
      for (const { excerpt } of findingsOf(name).failures) {
        expect(excerpt.length).toBeLessThanOrEqual(800);
        expect(excerpt.split('\n').length).toBeLessThanOrEqual(4);
        expect(excerpt).not.toMatch(/^\s*File "/m);
      }
    }
  });
});

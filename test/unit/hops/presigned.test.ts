/** Signed links by kind, and URLs of plain APIs that must not be called so. */
import { describe, expect, it } from 'vitest';
import { presignedKind } from '../../../src/core/hops/presigned.ts';

describe('signed', () => {
  it.each([
    [
      'aws-s3-v4',
      'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Date=d&X-Amz-Expires=9&X-Amz-SignedHeaders=host&X-Amz-Signature=[redacted]',
    ],
    // Cut off by the log.
    ['aws-s3-v4', 'response-content-type=text%2Fcsv&X-Amz-Algorithm=AWS4-HMAC-SHA256'],
    ['aws-s3-v4a', 'X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Region-Set=*&X-Amz-Signature=a'],
    ['aws-s3-v2', 'AWSAccessKeyId=A&Signature=b&Expires=1'],
    ['gcs-v4', 'X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=a'],
    ['gcs-v2', 'GoogleAccessId=a&Expires=1&Signature=b'],
    ['google-cdn', 'Expires=1&KeyName=k&Signature=b'],
    ['google-cdn', 'URLPrefix=a&Expires=1&KeyName=k&Signature=b'],
    ['oss', 'OSSAccessKeyId=a&Expires=1&Signature=b'],
    ['oss', 'x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-signature=a'],
    ['cos', 'q-sign-algorithm=sha1&q-ak=a&q-sign-time=1;2&q-signature=b'],
    ['obs', 'AccessKeyId=a&Expires=1&Signature=b'],
    ['azure-sas', 'sp=r&st=1&se=2&spr=https&sv=2022-11-02&sr=b&sig=a'],
    ['azure-sas', 'sv=2022-11-02&si=policy&sr=c&sig=a'],
    ['azure-sas', 'sv=2022-11-02&ss=bf&srt=sco&sp=rl&se=2&sig=a'],
    ['cloudfront', 'Policy=a&Signature=b&Key-Pair-Id=K'],
    ['swift', 'temp_url_sig=a&temp_url_expires=1'],
    ['akamai', 'hdnts=exp=1~acl=/*~hmac=a'],
    ['firebase', 'alt=media&token=6f9b'],
    ['generic', 'token=a&expires=1'],
    ['generic', 'e=1&hash=a'],
  ])('%s', (kind, query) => {
    expect(presignedKind(query)).toBe(kind);
    expect(presignedKind(query.toUpperCase())).toBe(kind);
  });

  it('by its path', () => {
    expect(presignedKind('', '/p/[redacted]/n/axexample/b/reports/o/2026.csv')).toBe('oracle-par');
    expect(presignedKind('', '/p/Zx8Q/n/axexample/b/reports/o/')).toBe('oracle-par');
  });
});

describe('a plain API, however secret its parameters are', () => {
  it.each([
    '',
    'page=2&sort=name',
    'token=abcdef',
    'alt=json&token=a',
    'access_token=a',
    'access_token=a&expires_in=3600',
    'sig=a',
    'signature=a&timestamp=1',
    'hmac=a&shop=b',
    'api-version=2016-10-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=a',
    'expires=1',
    'accesskeyid=a&action=DescribeInstances&signature=b',
    'sv=1&se=2',
    'x-amz-request-id=1',
  ])('%s', (query) => {
    expect(presignedKind(query, '/p/list')).toBeUndefined();
  });
});

/** What is only known of hosts: who hands them out, and that a name which many share points to none of them. */
import { describe, expect, it } from 'vitest';
import { typicallyText } from '../../../src/core/verdict/first-hop.ts';

describe('typically', () => {
  it('one sender, with its source', () => {
    expect(typicallyText('files.pythonhosted.org')).toBe(
      'typically "pypi.org" hands out packages on it (docs.pypi.org/api/index-api)',
    );
  });
  it('no sender of other things is told with the reason of the first', () => {
    expect(typicallyText('productionresultssa12.blob.core.windows.net')).toMatch(
      /^typically "results-receiver\.actions\.githubusercontent\.com" hands out artifacts and caches on it/,
    );
  });
  it.each([
    ['storage.googleapis.com', '"proxy.golang.org" for archives of modules (github.com/golang/go/issues/52908)'],
    ['shopdata.blob.core.windows.net', '"*.snowflakecomputing.com" for stages (files) on Azure'],
    ['us-central1-docker.pkg.dev', '"registry.k8s.io" for manifests and image layers'],
    ['github.com', '"services.gradle.org" for distributions'],
  ])('%s may be anybody’s: examples, each with its own reason', (host, example) => {
    const text = typicallyText(host);
    expect(text).toMatch(/^many typically hand out such names, e\.g\. /);
    expect(text).toContain(example);
    expect(text).not.toContain('hands out');
  });
  it.each([
    'media.s3.eu-west-1.amazonaws.com',
    'd111111abcdef8.cloudfront.net',
    'files.vendor.example',
    'pypi.org.vendor.example',
  ])('of %s nothing', (host) => {
    expect(typicallyText(host)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { read } from './support/analyse.ts';

const first = (...lines: readonly string[]) => read(`${lines.join('\n')}\n`).failures[0];

describe('the version of the library that failed', () => {
  it.each<[string, string, string, string]>([
    [
      'a path of Python',
      'requests',
      '2.31.0',
      "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='a.example', port=443): Max retries exceeded with url: / (Caused by NewConnectionError('<x>: [Errno 111] Connection refused')) python-requests/2.31.0",
    ],
    [
      'botocore’s user agent',
      'boto3',
      '1.34.2',
      'botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: "https://a.example/" (Boto3/1.34.2 md/Botocore#1.34.2)',
    ],
    [
      'botocore’s own, not what stands for boto3',
      'botocore',
      '1.34.77',
      'botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: "https://a.example/" (aiobotocore md/Botocore#1.34.77)',
    ],
    [
      'a path of Botocore',
      'botocore',
      '1.29.27',
      'botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: "https://a.example/" (Botocore/1.29.27)',
    ],
    [
      'Node’s last line',
      'node',
      '22.3.0',
      'Error: getaddrinfo ENOTFOUND a.example\n    at GetAddrInfoReqWrap.onlookup (node:dns:1:1)\n\nNode.js v22.3.0',
    ],
    ['a path of a Go module', 'go net', '1.22.1', 'dial tcp 203.0.113.9:443: i/o timeout (go1.22.1 linux/amd64)'],
    [
      'a jar',
      'okhttp',
      '4.12.0',
      'java.net.ConnectException: Failed to connect to a.example/203.0.113.9:443\n\tat okhttp3.internal.X(okhttp-4.12.0.jar)',
    ],
    ['curl', 'curl', '8.5.0', '* Failed to connect to a.example port 443 after 3 ms: Connection refused (curl/8.5.0)'],
  ])('%s', (_name, library, version, text) => {
    expect(first(text)).toMatchObject({ library, libraryVersion: version });
  });

  it('comes from a banner that the same container printed before', () => {
    const banner = 'INFO org.apache.kafka.common.utils.AppInfoParser - Kafka version: 3.7.1';
    const failure =
      '[Producer clientId=a] Connection to node -1 (k.example/203.0.113.9:9092) could not be established. Node may not be available. (org.apache.kafka.clients.NetworkClient)';
    expect(first(banner, failure)).toMatchObject({ library: 'kafka', libraryVersion: '3.7.1', host: 'k.example' });
  });

  it('is none where only another’s is named: the user agent of who calls this pod', () => {
    const access = '10.0.0.7 - - "GET /v1 HTTP/1.1" 200 12 "-" "python-requests/2.19.1"';
    const failure =
      "HTTPSConnectionPool(host='a.example', port=443): Max retries exceeded with url: / (Caused by NewConnectionError('<x>: [Errno 111] Connection refused'))";
    expect(first(access, failure)).not.toHaveProperty('libraryVersion');
  });
});

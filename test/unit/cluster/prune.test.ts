/** A capture holds what the decoders read and nothing secret. */
import { describe, expect, it } from 'vitest';
import { podSchema } from '../../../src/cluster/decode/pod.ts';
import { prune } from '../../../src/cluster/prune.ts';
import { ciliumPolicy, cluster, object, pod } from './objects.ts';

describe('prune', () => {
  it('drops commands, what applied copies hold, field sets beyond the spec and messages of programs', () => {
    const text = JSON.stringify([...cluster, pod('shop', 'x', { ready: false })].map(prune));
    for (const secret of ['hunter2', 's3cret', 'token=abc', 'f:metadata']) expect(text).not.toContain(secret);
    expect(text).toContain('kubectl-edit');
    expect(text).toContain('"fieldsV1":{"f:spec":{"f:egress":{}}}');
  });

  it('keeps of a node what tells its addresses and its distribution', () => {
    const addresses = [{ type: 'InternalIP', address: '10.1.1.9' }];
    const nodeInfo = { kubeletVersion: 'v1.30.4+k3s1', machineID: 'abc' };
    const annotations = { 'k3s.io/node-args': '["server","--disable-network-policy","--token","********"]' };
    const kept = prune(
      object('v1', 'Node', { name: 'n', annotations }, { status: { addresses, nodeInfo, images: [] } }),
    );
    expect(kept['status']).toEqual({ addresses, nodeInfo: { kubeletVersion: 'v1.30.4+k3s1' } });
    expect(JSON.stringify(kept.metadata)).toContain('--disable-network-policy');
  });

  it('keeps policies whole, but for their bookkeeping', () => {
    const { spec, specs, status } = prune(ciliumPolicy);
    expect({ spec, specs, status }).toEqual({
      spec: ciliumPolicy['spec'],
      specs: ciliumPolicy['specs'],
      status: ciliumPolicy['status'],
    });
  });

  it('takes header values out of HTTP rules, and keeps of a kind that is only reported its name', () => {
    const http = [
      {
        path: '/v1',
        headers: ['Authorization: Bearer abcdefgh12345678'],
        headerMatches: [{ name: 'X-Api-Key', value: 'k1' }],
      },
    ];
    const spec = { egress: [{ toFQDNs: [{ matchName: 'a.example' }], toPorts: [{ rules: { http } }] }] };
    const text = JSON.stringify(prune({ ...ciliumPolicy, spec }));
    expect(text).toContain('a.example');
    expect(text).not.toMatch(/abcdefgh12345678|k1/);
    const entry = object('vendor.example/v1', 'EgressRule', { name: 'x' }, { spec: { note: 'anything' } });
    expect(JSON.stringify(prune(entry))).toContain('"x"');
    expect(JSON.stringify(prune(entry))).not.toContain('anything');
  });

  it.each([
    ['DB_PASSWORD', 'x', '[redacted]'],
    ['API_TOKEN', 'x', '[redacted]'],
    ['AWS_SECRET_ACCESS_KEY', 'x', '[redacted]'],
    ['LOG_LEVEL', 'debug', 'debug'],
    ['HTTPS_PROXY', 'http://proxy.corp.example:3128', 'http://proxy.corp.example:3128'],
  ])('environment %s=%s becomes %s', (name, value, expected) => {
    const env = prune(pod('shop', 'x', { env: [{ name, value }] }));
    expect(podSchema.parse(env).containers[0]?.env).toEqual({ [name]: expected });
  });

  it('takes credentials out of proxy URLs', () => {
    const raw = prune(
      pod('shop', 'x', { env: [{ name: 'HTTP_PROXY', value: 'http://user:hunter2hunter2@proxy:3128' }] }),
    );
    expect(JSON.stringify(raw)).not.toContain('hunter2');
    expect(JSON.stringify(raw)).toContain('proxy:3128');
  });

  it('changes nothing the second time, and nothing the decoders see of a pod without secrets', () => {
    for (const object of cluster) expect(prune(prune(object))).toEqual(prune(object));
    const raw = pod('shop', 'x', { ready: false });
    expect(podSchema.parse(prune(raw))).toEqual(podSchema.parse(raw));
  });
});

import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DnsServer, dnsServer } from './support/dns-server.ts';
import { type Endpoint, open } from './support/endpoints.ts';
import { type Box, canIsolate, toolBox, which } from './support/local-kube.ts';
import { byId, probe, target, within } from './support/world.ts';

/** What only some shells and some names meet. */
const DNS = within(56);
const SECOND = within(57);

let plain: Endpoint;
let dns: DnsServer;
beforeAll(async () => {
  if (!canIsolate) return;
  plain = await open();
  const here = { a: ['127.0.0.1'] };
  dns = await dnsServer(DNS, {
    'kubernetes.default.test': here,
    'six.test': { aaaa: ['20010db8000000000000000000000001'], a: ['127.0.0.1'] },
    'ends.test': { a: ['127.0.0.0'] },
  });
});
afterAll(() => {
  plain?.close();
  dns?.close();
});

const has = (...tools: readonly string[]): boolean => canIsolate && tools.every((tool) => which(tool) !== undefined);

async function inBox(path: string, rest: Partial<Box>, run: (box: Box) => Promise<void>): Promise<void> {
  await run({ path, resolvConf: `nameserver ${DNS}\n`, ...rest });
  rmSync(path, { recursive: true, force: true });
}

describe.skipIf(!has('bash', 'getent'))('bash', () => {
  const boxes = [
    ['with dd and od', () => toolBox(['sh', 'bash', 'getent', 'dd', 'od']), 'udp'],
    ['alone', () => toolBox(['bash']), 'tcp'],
  ] as const;

  // The length of a label is a byte of the question, ten a newline, at which bash would send half of it.
  it.each(boxes)('%s asks for a label of ten characters in one piece', async (_name, path, via) => {
    await inBox(path(), {}, async (box) => {
      const { report } = await probe(box, [target('ten', 'kubernetes.default.test', plain.port)]);
      const { lookup, connects } = byId(report, 'ten');
      expect(lookup).toMatchObject({ outcome: 'resolved', addresses: ['127.0.0.1'] });
      expect(lookup.answers).toMatchObject([
        { question: 'A', via, outcome: 'resolved' },
        { question: 'AAAA', via, outcome: 'nodata' },
      ]);
      expect(connects).toMatchObject([{ outcome: 'connected' }]);
    });
  });

  it.each(boxes)('%s reads both families, and an answer that ends in a zero', async (_name, path) => {
    await inBox(path(), {}, async (box) => {
      const { report } = await probe(box, [target('six', 'six.test', 443), target('ends', 'ends.test', 443)]);
      const answers = byId(report, 'six').lookup.answers ?? [];
      expect(answers.flatMap(({ addresses }) => addresses).toSorted()).toEqual(['127.0.0.1', '2001:db8::1']);
      expect(byId(report, 'ends').lookup.answers).toMatchObject([{ addresses: ['127.0.0.0'] }, { outcome: 'nodata' }]);
    });
  });

  it('asks the second name server, too, and none at a metadata address', async () => {
    await inBox(
      toolBox(['sh', 'bash', 'getent', 'dd', 'od']),
      {
        resolvConf: `nameserver 169.254.169.254\nnameserver ${DNS}\nnameserver ${SECOND}\noptions timeout:1 attempts:1\n`,
      },
      async (box) => {
        const { report } = await probe(box, [target('six', 'six.test', 443)], { lookup: 2000 });
        const servers = (byId(report, 'six').lookup.answers ?? []).map(({ server, outcome }) => `${server} ${outcome}`);
        expect(new Set(servers)).toEqual(
          new Set(['169.254.169.254 not_checked', `${DNS} resolved`, `${SECOND} failed`]),
        );
      },
    );
  });

  it('takes no function or start file of its environment', async () => {
    const env = { BASH_ENV: '/dev/stdin', 'BASH_FUNC_emit%%': '() { echo forged; }', LC_ALL: 'de_DE.UTF-8' };
    await inBox(toolBox(['sh', 'bash', 'getent']), { env }, async (box) => {
      const { report } = await probe(box, [target('open', '127.0.0.1', plain.port)]);
      expect(byId(report, 'open').connects).toMatchObject([{ outcome: 'connected' }]);
    });
  });
});

describe.skipIf(!has('dash', 'busybox'))('a shell that has nc alone', () => {
  it('connects to addresses and names of /etc/hosts, and says that it looks nothing up', async () => {
    await inBox(
      toolBox(['sh'], ['nc', 'true']),
      { hosts: '127.0.0.1 localhost\n127.0.0.1 alias.test # 127.0.0.2 other.test\n' },
      async (box) => {
        const { report } = await probe(box, [
          target('open', '127.0.0.1', plain.port),
          target('hosts', 'alias.test', plain.port),
          target('name', 'six.test', plain.port),
        ]);
        expect(byId(report, 'open').connects).toMatchObject([{ outcome: 'connected' }]);
        expect(byId(report, 'hosts').connects).toMatchObject([{ outcome: 'connected' }]);
        expect(byId(report, 'name')).toMatchObject({ lookup: { outcome: 'not_checked' }, connects: [] });
        expect(report.limits.join()).toMatch(/no tool that looks names up/);
      },
    );
  });
});

describe.skipIf(!has('dash'))('a shell without any tool', () => {
  it('says that it tried nothing', async () => {
    await inBox(toolBox(['sh']), {}, async (box) => {
      const { report } = await probe(box, [target('open', '127.0.0.1', plain.port, { tls: true, path: '/' })]);
      expect(report.rung).toBe('sh');
      expect(byId(report, 'open').connects).toEqual([{ address: '127.0.0.1', outcome: 'not_checked' }]);
      for (const limit of [/connections were not tried/, /TLS was not tried/, /no HTTP request/])
        expect(report.limits.join()).toMatch(limit);
    });
  });
});

describe.skipIf(!has('dash', 'curl'))('curl', () => {
  it('is told of no metadata address, whatever name leads there, and asked for no other proxy', async () => {
    const env = { http_proxy: 'http://169.254.169.254:80', CURL_HOME: '/nonexistent', ALL_PROXY: '' };
    await inBox(toolBox(['sh', 'curl']), { env }, async (box) => {
      const { report } = await probe(box, [target('open', '127.0.0.1', plain.port)]);
      expect(byId(report, 'open')).toMatchObject({
        connects: [{ outcome: 'connected' }],
        proxy: { host: '169.254.169.254', outcome: 'not_checked' },
      });
    });
  });
});

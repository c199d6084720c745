import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { afterAll, describe, expect, it } from 'vitest';
import type { Read } from '../../../src/core/model/cluster-state.ts';
import type { PolicyChange } from '../../../src/core/model/evaluation.ts';
import type { CiliumEgressRule, PatchablePolicy } from '../../../src/core/model/policy.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import type { PolicyPatch } from '../../../src/ports/gitops-source.ts';
import { cnp, fqdnRule, networkPolicy } from '../drift/policies.ts';
import * as fc from '../support/fast-check.ts';
import { commit, git, makeRepository, removeTempDirs, tempDir } from './repositories.ts';

afterAll(removeTempDirs);

const never = new AbortController().signal;
const source = createGitopsSource();
const repository = makeRepository({});

type Step = string | number;
function change(
  op: PolicyChange['op'],
  path: readonly Step[],
  value?: unknown,
  kind = 'CiliumNetworkPolicy',
): PolicyChange {
  const policy = { kind, name: 'p', namespace: 'shop' };
  return { policy, op, path, ...(value === undefined ? {} : { value }), why: 'a test' };
}

function patchGit(
  text: string,
  live: PatchablePolicy,
  changes: readonly PolicyChange[],
  path = 'p.yaml',
): Promise<Read<PolicyPatch>> {
  git(repository, 'rm', '-rqf', '--ignore-unmatch', '.');
  commit(repository, { [path]: text });
  return source.patch(changes, [live], { repository }, never);
}

/** The file after `git apply` of the patch, so that the diff is judged by git itself. */
async function patched(
  text: string,
  live: PatchablePolicy,
  changes: readonly PolicyChange[],
  path = 'p.yaml',
): Promise<string> {
  const read = await patchGit(text, live, changes, path);
  if (!read.ok) throw new Error(read.notRead.reason);
  expect(read.value).toMatchObject({ file: path, inGit: true });
  execFileSync('git', ['apply', '--whitespace=nowarn'], { cwd: repository, input: read.value.diff });
  return readFileSync(join(repository, path), 'utf8');
}

const HEAD = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: p
  namespace: shop
`;
const name = { matchName: 'files.vendor.example' };
const addName = (rule = 0): PolicyChange => change('add', ['spec', 'egress', rule, 'toFQDNs', '-'], name);
const live = cnp('p', [fqdnRule(['api.vendor.example'])]);

/** [what, egress part before, the same after adding the name to the first rule] */
const STYLES: readonly (readonly [string, string, string])[] = [
  [
    'block style, comments, plain text',
    `spec:
  # who
  endpointSelector:
    matchLabels:
      app: checkout   # the shop
  egress:
    # vendor API
    - toFQDNs:
        - matchName: api.vendor.example # main host
        # more hosts go here
      toPorts:
        - ports:
            - port: "443"
              protocol: TCP
`,
    `spec:
  # who
  endpointSelector:
    matchLabels:
      app: checkout   # the shop
  egress:
    # vendor API
    - toFQDNs:
        - matchName: api.vendor.example # main host
        - matchName: files.vendor.example
        # more hosts go here
      toPorts:
        - ports:
            - port: "443"
              protocol: TCP
`,
  ],
  [
    'sequences in the column of their key, quoted values, the list last in the file without a line break',
    `spec:
  endpointSelector: {matchLabels: {app: checkout}}
  egress:
  - toPorts:
    - ports:
      - port: '443'
        protocol: TCP
    toFQDNs:
    - matchName: "api.vendor.example"`,
    `spec:
  endpointSelector: {matchLabels: {app: checkout}}
  egress:
  - toPorts:
    - ports:
      - port: '443'
        protocol: TCP
    toFQDNs:
    - matchName: "api.vendor.example"
    - matchName: "files.vendor.example"`,
  ],
  [
    'flow style',
    `spec: {endpointSelector: {matchLabels: {app: checkout}}, egress: [{toFQDNs: [{matchName: api.vendor.example}], toPorts: [{ports: [{port: "443", protocol: TCP}]}]}]}
`,
    `spec: {endpointSelector: {matchLabels: {app: checkout}}, egress: [{toFQDNs: [{matchName: api.vendor.example}, {matchName: files.vendor.example}], toPorts: [{ports: [{port: "443", protocol: TCP}]}]}]}
`,
  ],
  [
    'flow items with padding in a block list with a wide gap',
    `spec:
  endpointSelector: { matchLabels: { app: checkout } }
  egress:
    -   toFQDNs:
            -   { matchName: 'api.vendor.example' }   # api
        toPorts: [ { ports: [ { port: "443", protocol: TCP } ] } ]
`,
    `spec:
  endpointSelector: { matchLabels: { app: checkout } }
  egress:
    -   toFQDNs:
            -   { matchName: 'api.vendor.example' }   # api
            -   { matchName: 'files.vendor.example' }
        toPorts: [ { ports: [ { port: "443", protocol: TCP } ] } ]
`,
  ],
  [
    'flow list over several lines with a trailing comma and a comment',
    `spec:
  endpointSelector: {matchLabels: {app: checkout}}
  egress:
    - toFQDNs: [
        {matchName: api.vendor.example}, # api
      ]
      toPorts: [{ports: [{port: "443", protocol: TCP}]}]
`,
    `spec:
  endpointSelector: {matchLabels: {app: checkout}}
  egress:
    - toFQDNs: [
        {matchName: api.vendor.example},
        {matchName: files.vendor.example}, # api
      ]
      toPorts: [{ports: [{port: "443", protocol: TCP}]}]
`,
  ],
  [
    'brackets that close in the column of their key or further left, as Go parsers take them',
    `spec:
  endpointSelector: {
    matchLabels: {app: checkout}
  }
  egress: [
    {
      toFQDNs: [
    {matchName: "api.vendor.example"} # only one
      ],
  toPorts: [{
    ports: [{port: "443", protocol: TCP}]
  }]
    }
  ]
`,
    `spec:
  endpointSelector: {
    matchLabels: {app: checkout}
  }
  egress: [
    {
      toFQDNs: [
    {matchName: "api.vendor.example"},
    {matchName: "files.vendor.example"} # only one
      ],
  toPorts: [{
    ports: [{port: "443", protocol: TCP}]
  }]
    }
  ]
`,
  ],
  [
    'a dash alone on its line, a folded description before it',
    `spec:
  description: >-
    The vendor: allowed
    since 2024
  endpointSelector:
    matchLabels: {app: checkout}
  egress:
  -
    toFQDNs:
    -
      matchName: api.vendor.example

    toPorts:
    - ports: [{port: "443", protocol: TCP}]
`,
    `spec:
  description: >-
    The vendor: allowed
    since 2024
  endpointSelector:
    matchLabels: {app: checkout}
  egress:
  -
    toFQDNs:
    -
      matchName: api.vendor.example
    - matchName: files.vendor.example

    toPorts:
    - ports: [{port: "443", protocol: TCP}]
`,
  ],
];

describe('a name added to a rule in Git', () => {
  it.each(STYLES)('keeps %s', async (_what, before, after) => {
    expect(await patched(HEAD + before, live, [addName()])).toBe(HEAD + after);
  });

  it.each(STYLES)('keeps CRLF and its neighbours in a file of several documents: %s', async (_what, before, after) => {
    const wrap = (body: string): string => {
      const end = body.endsWith('\n') ? '' : '\n';
      return `# first\n---\na: 1 # one\n---\n${HEAD}${body}${end}---\n# last\nb: [2]\n`.replaceAll('\n', '\r\n');
    };
    expect(await patched(wrap(before), live, [addName()], 'dir with space/p.yml')).toBe(wrap(after));
  });

  it('keeps JSON JSON, pretty or not', async () => {
    const manifest = {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: { name: 'p', namespace: 'shop' },
      spec: {
        endpointSelector: { matchLabels: { app: 'checkout' } },
        egress: [
          { toFQDNs: [{ matchName: 'api.vendor.example' }], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] },
        ],
      },
    };
    for (const indent of [0, 2]) {
      const after = await patched(`${JSON.stringify(manifest, null, indent)}\n`, live, [addName()], 'p.json');
      expect(JSON.parse(after).spec.egress[0].toFQDNs).toEqual([{ matchName: 'api.vendor.example' }, name]);
    }
  });

  it('keeps a byte order mark and edits the member of a List', async () => {
    const item = `${HEAD}${STYLES[0]?.[1]}`.replaceAll(/^/gm, '    ').replace('    ', '  - ').trimEnd();
    const list = `\ufeffapiVersion: v1\nkind: List\nitems:\n${item}\n`;
    const after = await patched(list, live, [addName()]);
    expect(after).toBe(list.replace('# main host', '# main host\n            - matchName: files.vendor.example'));
  });
});

describe('other changes of a Git file', () => {
  const body = `spec:
  endpointSelector:
    matchLabels:
      app: checkout
  egress:
    - toFQDNs:
        - matchName: api.vendor.example
        - matchName: old.vendor.example   # gone soon
        - matchName: b.example
      toPorts:
        - ports:
            - port: "443"
              protocol: TCP
    - toCIDR: [10.0.0.0/8, 192.168.0.0/16]
`;
  const wide = cnp('p', [
    fqdnRule(['api.vendor.example', 'old.vendor.example', 'b.example']),
    { toCIDR: ['10.0.0.0/8', '192.168.0.0/16'] },
  ]);
  const edited = (edit: (text: string) => string): string => HEAD + edit(body);

  it.each<[string, PolicyChange[], (text: string) => string]>([
    [
      'remove an item in the middle',
      [change('remove', ['spec', 'egress', 0, 'toFQDNs', 1])],
      (t) => t.replace(/ .*old.*\n/, ''),
    ],
    [
      'remove the first item',
      [change('remove', ['spec', 'egress', 0, 'toFQDNs', 0])],
      (t) => t.replace(/ .*api.*\n/, ''),
    ],
    [
      'remove a flow item',
      [change('remove', ['spec', 'egress', 1, 'toCIDR', 0])],
      (t) => t.replace('10.0.0.0/8, ', ''),
    ],
    ['remove a whole rule', [change('remove', ['spec', 'egress', 1])], (t) => t.replace(/ .*toCIDR.*\n/, '')],
    [
      'remove the first key of a rule',
      [change('remove', ['spec', 'egress', 0, 'toFQDNs'])],
      (t) => t.replace(/toFQDNs:[^]*toPorts/, 'toPorts'),
    ],
    [
      'remove the last key of a rule',
      [change('remove', ['spec', 'egress', 0, 'toPorts'])],
      (t) => t.replace(/ +toPorts:[^]*?TCP\n/, ''),
    ],
    [
      'empty a list',
      [change('remove', ['spec', 'egress', 0, 'toPorts', 0])],
      (t) => t.replace(/toPorts:[^]*?TCP\n/, 'toPorts: []\n'),
    ],
    [
      'replace a scalar in its quotes',
      [change('replace', ['spec', 'egress', 0, 'toPorts', 0, 'ports', 0, 'port'], '8443')],
      (t) => t.replace('"443"', '"8443"'),
    ],
    [
      'replace an item',
      [change('replace', ['spec', 'egress', 0, 'toFQDNs', 2], { matchPattern: '*.b.example' })],
      (t) => t.replace('matchName: b.example', "matchPattern: '*.b.example'").replaceAll("'", '"'),
    ],
    [
      'add a port',
      [change('add', ['spec', 'egress', 0, 'toPorts', 0, 'ports', '-'], { port: '8443', protocol: 'TCP' })],
      (t) => t.replace('protocol: TCP\n', 'protocol: TCP\n            - port: "8443"\n              protocol: TCP\n'),
    ],
    [
      'add a key',
      [change('add', ['spec', 'egress', 0, 'toPorts', 0, 'rules'], { dns: [{ matchPattern: '*' }] })],
      (t) =>
        t.replace(
          'protocol: TCP\n',
          'protocol: TCP\n          rules:\n            dns:\n              - matchPattern: "*"\n',
        ),
    ],
    [
      'add a rule',
      [
        change('add', ['spec', 'egress', '-'], {
          toFQDNs: [name],
          toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
        }),
      ],
      (t) =>
        `${t}    - toFQDNs:\n        - matchName: files.vendor.example\n      toPorts:\n        - ports:\n            - port: "443"\n              protocol: TCP\n`,
    ],
    [
      'add to a flow list of scalars',
      [change('add', ['spec', 'egress', 1, 'toCIDR', '-'], '172.16.0.0/12')],
      (t) => t.replace('/16]', '/16, 172.16.0.0/12]'),
    ],
    [
      'add a section',
      [change('add', ['spec', 'egressDeny'], [{ toEntities: ['world'] }])],
      (t) => `${t}  egressDeny:\n    - toEntities:\n        - world\n`,
    ],
    [
      'several at once, as one diff',
      [
        addName(),
        change('remove', ['spec', 'egress', 0, 'toFQDNs', 1]),
        change('add', ['spec', 'egress', 1, 'toCIDR', '-'], '1.1.1.1/32'),
      ],
      (t) =>
        t
          .replace(/ .*old.*\n/, '')
          .replace('b.example\n', 'b.example\n        - matchName: files.vendor.example\n')
          .replace('/16]', '/16, 1.1.1.1/32]'),
    ],
  ])('%s', async (_what, changes, edit) => {
    expect(await patched(HEAD + body, wide, changes)).toBe(edited(edit));
  });

  it('begins a list that is written as null', async () => {
    const text = `${HEAD}spec:\n  endpointSelector: {}\n  egress:\n    - toPorts: # none\n`;
    const bare = cnp('p', [{}]);
    const after = await patched(
      text,
      {
        ...bare,
        rules: [
          {
            path: 'spec',
            rule: { hasIngress: false, endpointSelector: { matchLabels: {}, matchExpressions: [] }, egress: [{}] },
          },
        ],
      },
      [change('add', ['spec', 'egress', 0, 'toPorts'], [{ ports: [{ port: '443' }] }])],
    );
    expect(after).toBe(text.replace('toPorts: # none', 'toPorts: [{ports: [{port: "443"}]}] # none'));
  });

  it('begins a list that is not written, in a member that both sides have', async () => {
    const text = `${HEAD}spec:
  endpointSelector: {matchLabels: {app: checkout}}
  egressDeny:
    # the old range
    - toCIDRSet:
        - cidr: 203.0.113.0/24
      toPorts:
        - ports: [{port: "443", protocol: TCP}]
`;
    const denying: CiliumEgressRule = {
      toCIDRSet: [{ cidr: '203.0.113.0/24', except: [] }],
      toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
    };
    const object = cnp('p', []);
    const rules = object.rules.map((one) => {
      const { egress: _, ...rest } = one.rule;
      return { ...one, rule: { ...rest, egressDeny: [denying] } };
    });
    const path = ['spec', 'egressDeny', 0, 'toCIDRSet', 0, 'except', '-'];
    const after = await patched(text, { ...object, rules }, [change('add', path, '203.0.113.9/32')]);
    expect(after).toBe(text.replace('0/24\n', '0/24\n          except:\n            - 203.0.113.9/32\n'));
  });

  it('edits a NetworkPolicy', async () => {
    const text = `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec:\n  podSelector: {}\n  egress:\n  - ports:\n    - port: 443\n`;
    const policy = networkPolicy('p', {
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ ports: [{ port: 443, protocol: 'TCP' }] }],
    });
    const added = change('add', ['spec', 'egress', 0, 'ports', '-'], { port: 53, protocol: 'UDP' }, 'NetworkPolicy');
    expect(await patched(text, policy, [added])).toBe(`${text}    - port: 53\n      protocol: UDP\n`);
  });
});

describe('a change whose place in Git is not where it is in the live object', () => {
  const rules = (...egress: readonly CiliumEgressRule[]): string =>
    HEAD + dump({ spec: { endpointSelector: { matchLabels: { app: 'checkout' } }, egress } });

  it('is made at the rule that says the same, and that is noted', async () => {
    const text = rules(fqdnRule(['x.example'], ['80']), fqdnRule(['api.vendor.example']));
    const read = await patchGit(text, live, [addName()]);
    expect(read).toMatchObject({ ok: true, value: { inGit: true, note: expect.stringContaining('order') } });
    const after = load(await patched(text, live, [addName()])) as { spec: { egress: CiliumEgressRule[] } };
    expect(after.spec.egress.map((rule) => rule.toFQDNs?.length)).toEqual([1, 2]);
  });

  it('is made at the clearly most similar rule where they differ', async () => {
    const text = rules(fqdnRule(['x.example'], ['80']), fqdnRule(['api.vendor.example', 'more.vendor.example']));
    const after = load(await patched(text, live, [addName()])) as { spec: { egress: CiliumEgressRule[] } };
    expect(after.spec.egress.map((rule) => rule.toFQDNs?.map((entry) => entry.matchName))).toEqual([
      ['x.example'],
      ['api.vendor.example', 'more.vendor.example', 'files.vendor.example'],
    ]);
  });

  it.each<[string, string, [PatchablePolicy, PolicyChange], RegExp]>([
    [
      'nothing like the rule',
      rules({ toEntities: ['world'] }),
      [live, addName()],
      /spec\.egress\[0\]: live and Git differ: Git has nothing like it/,
    ],
    [
      'two rules as like it',
      rules(
        { toEntities: ['world'] },
        fqdnRule(['api.vendor.example', 'b.example']),
        fqdnRule(['api.vendor.example', 'c.example']),
      ),
      [live, addName()],
      /several elements in Git are equally like it/,
    ],
    [
      'it is in Git already',
      rules(fqdnRule(['api.vendor.example', 'files.vendor.example'])),
      [live, addName()],
      /already says this/,
    ],
    [
      'what is to go is not in Git',
      rules(fqdnRule(['api.vendor.example'])),
      [
        cnp('p', [fqdnRule(['api.vendor.example', 'b.example'])]),
        change('remove', ['spec', 'egress', 0, 'toFQDNs', 1]),
      ],
      /Git has no such element/,
    ],
    [
      'the live object has no such place',
      rules(fqdnRule(['a.example'])),
      [live, change('remove', ['spec', 'egress', 7])],
      /no such element/,
    ],
    [
      'the place is an alias',
      `${HEAD}spec:\n  endpointSelector: {matchLabels: {app: checkout}}\n  egress:\n    - toFQDNs: &names [{matchName: api.vendor.example}]\n    - toFQDNs: *names\n      toPorts: [{ports: [{port: "443", protocol: TCP}]}]\n`,
      [live, addName()],
      /no safe place/,
    ],
    [
      'an alias elsewhere would change too',
      `${HEAD}spec:\n  endpointSelector: {matchLabels: {app: checkout}}\n  egress:\n    - toFQDNs: &names [{matchName: api.vendor.example}]\n      toPorts: [{ports: [{port: "443", protocol: TCP}]}]\n    - toFQDNs: *names\n`,
      [live, addName()],
      /no safe place/,
    ],
  ])('is refused with the reason when %s', async (_what, text, [policy, wanted], reason) => {
    const read = await patchGit(text, policy, [wanted]);
    expect(read).toMatchObject({
      ok: false,
      notRead: { code: 'invalid', reason: expect.stringMatching(reason), nextStep: expect.any(String) },
    });
  });
});

describe('a change of a policy that Git does not hold', () => {
  it('is a diff against the live object, and why is noted', async () => {
    const read = await patchGit('a: 1\n', live, [addName()]);
    expect(read).toMatchObject({
      ok: true,
      value: { inGit: false, file: 'live/ciliumnetworkpolicy-shop-p.yaml', note: expect.stringContaining(repository) },
    });
  });

  it('is a diff against the live object when no repository is given', async () => {
    const policy = {
      ...live,
      rules: live.rules.map(({ path, rule }) => ({ path, rule: { ...rule, hasIngress: true } })),
    };
    const read = await source.patch([addName()], [policy], undefined, never);
    expect(read).toEqual({
      ok: true,
      value: {
        inGit: false,
        file: 'live/ciliumnetworkpolicy-shop-p.yaml',
        diff: `--- a/live/ciliumnetworkpolicy-shop-p.yaml
+++ b/live/ciliumnetworkpolicy-shop-p.yaml
@@ -11,6 +11,7 @@
   egress:
     - toFQDNs:
         - matchName: api.vendor.example
+        - matchName: files.vendor.example
       toPorts:
         - ports:
             - port: '443'
`,
      },
    });
  });

  it('creates a whole new policy', async () => {
    const manifest = {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: { name: 'p', namespace: 'shop' },
      spec: { egress: [{}] },
    };
    const read = await source.patch([change('add', [], manifest)], [], undefined, never);
    if (!read.ok) throw new Error(read.notRead.reason);
    const dir = tempDir();
    execFileSync('git', ['apply'], { cwd: dir, input: read.value.diff });
    expect(load(readFileSync(join(dir, read.value.file), 'utf8'))).toEqual(manifest);
    rmSync(dir, { recursive: true });
  });

  it('fails where there is neither', async () => {
    expect(await source.patch([addName()], [], undefined, never)).toMatchObject({
      ok: false,
      notRead: { code: 'not_found' },
    });
    expect(await source.patch([addName(9)], [live], undefined, never)).toMatchObject({
      ok: false,
      notRead: { code: 'invalid' },
    });
    expect(await source.patch([], [live], undefined, never)).toMatchObject({ ok: false, notRead: { code: 'invalid' } });
    expect(await source.patch([addName()], [live], { repository: '/nowhere/at/all' }, never)).toMatchObject({
      ok: false,
      notRead: { code: 'not_found' },
    });
  });
});

describe('changes of several policies', () => {
  const dnsPolicy = {
    ...cnp('dns', [
      { toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], dns: [{ matchName: 'api.vendor.example' }] }] },
    ]),
  };
  const dnsText = `${HEAD.replace('name: p', 'name: dns')}spec:
  endpointSelector: {matchLabels: {app: checkout}}
  egress:
    - toPorts:
        - ports: [{port: "53"}]
          rules:
            dns:
              - matchName: api.vendor.example
`;
  const text = `${HEAD}spec:
  endpointSelector: {matchLabels: {app: checkout}}
  egress:
    - toFQDNs:
        - matchName: api.vendor.example
      toPorts:
        - ports: [{port: "443", protocol: TCP}]
`;
  const admit: PolicyChange = {
    ...change('add', ['spec', 'egress', 0, 'toPorts', 0, 'rules', 'dns', '-'], name),
    policy: { kind: 'CiliumNetworkPolicy', name: 'dns', namespace: 'shop' },
  };
  const line = (columns: number): string => `${' '.repeat(columns)}- matchName: files.vendor.example\n`;

  it('of one file and of two are one diff that git applies', async () => {
    for (const files of [{ 'a.yaml': `${text}---\n${dnsText}` }, { 'a.yaml': text, 'b/dns.yaml': dnsText }]) {
      git(repository, 'rm', '-rqf', '--ignore-unmatch', '.');
      commit(repository, files);
      const read = await source.patch([addName(), admit], [dnsPolicy, live], { repository }, never);
      if (!read.ok) throw new Error(read.notRead.reason);
      expect(read.value).toMatchObject({ inGit: true, file: Object.keys(files).join(', ') });
      execFileSync('git', ['apply'], { cwd: repository, input: read.value.diff });
      const after = Object.keys(files).map((path) => readFileSync(join(repository, path), 'utf8'));
      const whole = text.replace(/( +- matchName.*\n)/, `$1${line(8)}`);
      expect(after.join('---\n')).toBe(`${whole}---\n${dnsText}${line(14)}`);
    }
  });

  it('say which of them is not in Git', async () => {
    git(repository, 'rm', '-rqf', '--ignore-unmatch', '.');
    commit(repository, { 'a.yaml': text });
    const read = await source.patch([addName(), admit], [dnsPolicy, live], { repository }, never);
    expect(read).toMatchObject({
      ok: true,
      value: {
        inGit: false,
        file: 'a.yaml, live/ciliumnetworkpolicy-shop-dns.yaml',
        note: expect.stringContaining('shop-dns.yaml is against the live'),
      },
    });
  });

  it('are refused as a whole when one cannot be made', async () => {
    const read = await source.patch([addName(), admit], [live], { repository }, never);
    expect(read).toMatchObject({
      ok: false,
      notRead: { code: 'not_found', reason: expect.stringContaining('shop/dns') },
    });
  });
});

describe('any file and any change', () => {
  const host = fc.domain();
  const rule = fc
    .tuple(
      fc.uniqueArray(host, { minLength: 1, maxLength: 3 }),
      fc.uniqueArray(fc.constantFrom('443', '80', '8443'), { minLength: 1 }),
    )
    .map(([names, ports]) => fqdnRule(names, ports));
  const style = fc.record({
    indent: fc.constantFrom(2, 4),
    seqNoIndent: fc.boolean(),
    flowLevel: fc.constantFrom(-1, 2, 4, 6),
    quoteStyle: fc.constantFrom('single' as const, 'double' as const),
    forceQuotes: fc.boolean(),
    crlf: fc.boolean(),
  });

  it('gives a patch that git applies and that parses to exactly the change', async () => {
    const runs = fc.asyncProperty(
      fc.uniqueArray(rule, { minLength: 1, maxLength: 4, selector: (r) => JSON.stringify(r) }),
      style,
      fc.nat(),
      async (egress, { crlf, ...options }, seed) => {
        const spec = { endpointSelector: { matchLabels: { app: 'checkout' } }, egress };
        const manifest = {
          apiVersion: 'cilium.io/v2',
          kind: 'CiliumNetworkPolicy',
          metadata: { name: 'p', namespace: 'shop' },
          spec,
        };
        const plain = dump(manifest, options);
        const at = seed % egress.length;
        const after = await patched(crlf ? plain.replaceAll('\n', '\r\n') : plain, cnp('p', egress), [addName(at)]);
        const wanted = structuredClone(manifest) as unknown as { spec: { egress: { toFQDNs: unknown[] }[] } };
        wanted.spec.egress[at]?.toFQDNs.push(name);
        expect(load(after)).toEqual(wanted);
        expect(after.split('\n').length - plain.split('\n').length).toBeLessThanOrEqual(1);
        expect(after.includes('\r\n')).toBe(crlf);
      },
    );
    await fc.assert(runs, { numRuns: 15 });
  }, 30_000);
});

/** Charts through the real helm, with the inputs of HelmReleases and Applications; what is not known is never rendered. */
import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import type { DriftReport } from '../../../src/core/model/drift.ts';
import type { HelmInputs } from '../../../src/core/model/sync.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import { cnp, fqdnRule } from '../drift/policies.ts';
import { helmInputs } from './helm-inputs.ts';
import { type Files, makeRepository, removeTempDirs } from './repositories.ts';

afterAll(removeTempDirs);

function installed(): boolean {
  try {
    execFileSync('helm', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const HELM = installed();
if (!HELM) process.stdout.write('helm is not installed: how charts are rendered is not tested\n');

/** As teams write them: helpers, a range over values, a condition, a schema, a subchart, notes, and a test hook. */
const CHART: Files = {
  'charts/egress/Chart.yaml': `apiVersion: v2
name: egress
version: 1.2.3
dependencies: [{name: extra, version: 0.1.0, condition: extra.enabled}]
`,
  'charts/egress/values.yaml': `hosts: [api.vendor.example]
port: 443
team: shop
extra: {enabled: false, host: extra.vendor.example}
`,
  'charts/egress/values.schema.json': '{"type": "object", "properties": {"port": {"type": "integer"}}}',
  'charts/egress/templates/_helpers.tpl': `{{- define "egress.labels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
`,
  'charts/egress/templates/policy.yaml': `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "egress.labels" . | nindent 4 }}
spec:
  endpointSelector:
    matchLabels: {app: checkout}
  egress:
    - toFQDNs:
        {{- range .Values.hosts }}
        - matchName: {{ . | quote }}
        {{- end }}
      toPorts: [{ports: [{port: {{ .Values.port | quote }}, protocol: TCP}]}]
`,
  'charts/egress/templates/NOTES.txt': 'Installed {{ .Release.Name }}.\n',
  'charts/egress/charts/extra/Chart.yaml': 'apiVersion: v2\nname: extra\nversion: 0.1.0\n',
  'charts/egress/charts/extra/templates/policy.yaml': `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: extra}
spec:
  endpointSelector: {}
  egress: [{toFQDNs: [{matchName: {{ .Values.host }}}]}]
`,
  'environments/prod.yaml': 'hosts: [api.vendor.example, files.vendor.example]\n',
  'charts/egress/more.yaml': 'hosts: [more.vendor.example]\n',
};

async function report(
  inputs: Partial<HelmInputs>,
  files: Files = CHART,
  live: readonly string[] = [],
): Promise<DriftReport> {
  const repository = makeRepository(files);
  const repo = { repository, path: 'charts/egress', rendering: { helm: helmInputs(inputs) } };
  const source = createGitopsSource({ access: { hosts: [], render: true } });
  const policies = live.length === 0 ? [] : [cnp('shop', [fqdnRule(live)])];
  const read = await source.compare(repo, policies, 'shop', new AbortController().signal);
  if (!read.ok) throw new Error(read.notRead.reason);
  return read.value;
}

/** Names and port that the chart's policies open. */
async function opened(inputs: Partial<HelmInputs>, files: Files = CHART): Promise<readonly string[]> {
  const { policies } = await report(inputs, files);
  const text = JSON.stringify(policies.map(({ git }) => git?.egress));
  return [...text.matchAll(/"(?:matchName|port)":"([^"]+)"/g)].map(([, one = '']) => one);
}

const noteOf = ({ skipped }: DriftReport): string | undefined =>
  skipped.find(({ path }) => path.endsWith('Chart.yaml'))?.reason;

describe.skipIf(!HELM)('a chart', () => {
  it('is rendered under the name and into the namespace of its release', async () => {
    const { policies, skipped } = await report({}, CHART, ['api.vendor.example']);
    expect(skipped).toEqual([]);
    expect(policies).toMatchObject([
      {
        kind: 'same',
        policy: { namespace: 'shop', name: 'shop' },
        file: { path: 'charts/egress/templates/policy.yaml' },
      },
    ]);
  });

  it.each<[string, Partial<HelmInputs>, string[]]>([
    ['its own values', {}, ['api.vendor.example', '443']],
    ['values of the release', { values: ['{"hosts":["x.vendor.example"],"port":8443}'] }, ['x.vendor.example', '8443']],
    [
      'a file of values beside the chart',
      { valueFiles: ['environments/prod.yaml'] },
      ['api.vendor.example', 'files.vendor.example', '443'],
    ],
    [
      'files, the last wins',
      { valueFiles: ['environments/prod.yaml', 'charts/egress/more.yaml'] },
      ['more.vendor.example', '443'],
    ],
    [
      'values over files',
      { valueFiles: ['environments/prod.yaml'], values: ['hosts: [y.vendor.example]'] },
      ['y.vendor.example', '443'],
    ],
    ['values of two, the last wins', { values: ['port: 1', 'port: 2'] }, ['api.vendor.example', '2']],
    [
      'parameters over values',
      { values: ['port: 1'], parameters: [{ name: 'port', value: '8444', text: false }] },
      ['api.vendor.example', '8444'],
    ],
    [
      'a parameter of a list',
      { parameters: [{ name: 'hosts[0]', value: 'z.vendor.example', text: true }] },
      ['z.vendor.example', '443'],
    ],
    [
      'a parameter with a comma',
      { parameters: [{ name: 'hosts[0]', value: 'z,team=x', text: false }] },
      ['z,team=x', '443'],
    ],
    [
      'a parameter that looks like an option',
      { parameters: [{ name: '--post-renderer', value: '/bin/false', text: false }] },
      ['api.vendor.example', '443'],
    ],
    [
      'a subchart that values switch on',
      { values: ['extra: {enabled: true}'] },
      ['api.vendor.example', '443', 'extra.vendor.example'],
    ],
    [
      "files in the place of the chart's own values",
      {
        valueFiles: ['environments/prod.yaml'],
        replaceDefaults: true,
        values: ['port: 8443', 'extra: {enabled: false}'],
      },
      ['api.vendor.example', 'files.vendor.example', '8443'],
    ],
    [
      "files in their place, the chart's own among them",
      {
        valueFiles: ['charts/egress/values.yaml', 'charts/egress/more.yaml'],
        replaceDefaults: true,
      },
      ['more.vendor.example', '443'],
    ],
    [
      'a file that may be missing',
      { valueFiles: ['absent.yaml'], missingFilesAllowed: true },
      ['api.vendor.example', '443'],
    ],
  ])('with %s', async (_name, inputs, expected) => {
    expect((await opened(inputs)).toSorted()).toEqual(expected.toSorted());
  });

  it.each<[string, Partial<HelmInputs>, Files, RegExp]>([
    [
      'values that are not known',
      { unknown: ['Secret v (spec.valuesFrom), which is not read'] },
      {},
      /values was not read: Secret v/,
    ],
    ['a file of values that is missing', { valueFiles: ['absent.yaml'] }, {}, /absent\.yaml is not in the repository/],
    ['a file of values that is a link', { valueFiles: ['l.yaml'] }, { 'l.yaml': { link: '/etc/passwd' } }, /or a link/],
    ['values against its schema', { values: ['port: x'] }, {}, /helm says: .*port/s],
    [
      'a dependency that is not there',
      {},
      {
        'charts/egress/Chart.yaml':
          'apiVersion: v2\nname: e\nversion: 1.0.0\ndependencies: [{name: far, version: 1.0.0, repository: "https://charts.vendor.example"}]\n',
      },
      /helm says: .*missing in charts/s,
    ],
    ['a template that is broken', {}, { 'charts/egress/templates/x.yaml': '{{ .Values.absent.deeper }}' }, /helm says/],
    [
      'a look into the cluster',
      { readsCluster: true },
      { 'charts/egress/templates/x.yaml': '{{ $s := lookup "v1" "Secret" "a" "b" }}' },
      /look up objects/,
    ],
    [
      'a policy only where the cluster has Cilium',
      {},
      {
        'charts/egress/templates/x.yaml':
          '{{ if .Capabilities.APIVersions.Has "cilium.io/v2" }}\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x}\nspec: {endpointSelector: {}, egress: []}\n{{ end }}',
      },
      /depend on what the cluster has/,
    ],
    [
      'a policy by version',
      {},
      {
        'charts/egress/templates/x.yaml':
          '{{ if semverCompare ">=1.80" .Capabilities.KubeVersion.Version }}\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x}\nspec: {podSelector: {}}\n{{ end }}',
      },
      /depend on what the cluster has/,
    ],
  ])('is not rendered with %s, and its templates are not taken for policies', async (_name, inputs, files, says) => {
    const found = await report(inputs, { ...CHART, ...files });
    expect(noteOf(found)).toMatch(/^not rendered, read as written: /);
    expect(noteOf(found)).toMatch(says);
    expect(found.policies).toEqual([]);
  });

  it('is rendered where only other objects depend on the cluster', async () => {
    const ingress = `{{ if .Capabilities.APIVersions.Has "cilium.io/v2" }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n{{ end }}`;
    const found = await report({}, { ...CHART, 'charts/egress/templates/x.yaml': ingress }, ['api.vendor.example']);
    expect(noteOf(found)).toBeUndefined();
    expect(found.policies).toMatchObject([{ kind: 'same' }]);
  });

  it('that looks something up renders nothing for it where Argo CD would, too', async () => {
    const files = {
      ...CHART,
      'charts/egress/templates/x.yaml': '{{ if lookup "v1" "Secret" "a" "b" }}{{ fail "x" }}{{ end }}',
    };
    expect(noteOf(await report({ readsCluster: false }, files))).toBeUndefined();
  });

  it('shows no value in what helm says', async () => {
    const files = { ...CHART, 'charts/egress/templates/x.yaml': '{{ fail (printf "password=%s" .Values.password) }}' };
    const note = noteOf(await report({ values: ['password: sup3rs3cret-value'] }, files));
    expect(note).toMatch(/helm says/);
    expect(note).not.toContain('sup3rs3cret-value');
  });
});

/** Renders the chart of a folder with the installed helm and the values that are known, only where the operator allows it; used by `rendered-documents.ts`. */
import { posix } from 'node:path';
import type { HelmInputs } from '../../core/model/sync.ts';
import type { TreeEntry } from '../objects/parse.ts';
import type { Rendered } from './kustomize.ts';
import { NotRendered } from './not-rendered.ts';
import { type Output, runTool } from './run-tool.ts';
import type { TreeView } from './tree-view.ts';

const MAX_FILES = 1000;
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_VALUES = 1024 * 1024;
/** RFC 1123 labels, as Kubernetes takes them: none begins with a dash. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?$/;
/** Beside the checkout, so that no file of the repository is called so. */
const VALUES = 'values';
const FILE = 'file';

type Files = ReadonlyMap<string, Buffer>;

/**
 * `helm template` contacts neither cluster nor repository; a dependency that is not in `charts/` makes it fail. Values are given as files, and
 * parameters as arguments of one option each, so that none is an option.
 * @throws NotRendered
 */
export async function renderChart(
  tree: TreeView,
  folder: string,
  { signal, ...inputs }: HelmInputs & { readonly signal: AbortSignal },
): Promise<Rendered> {
  const { release, namespace, unknown, readsCluster } = inputs;
  if (!NAME.test(release) || !NAME.test(namespace)) throw new NotRendered('the name of the release or its namespace');
  if (unknown.length > 0) throw new NotRendered(`what decides its values was not read: ${unknown.join(', ')}`);
  const chart = await chartFiles(tree, folder);
  if (readsCluster && mentions(chart, LOOKUP)) throw new NotRendered('its templates look up objects of the cluster');
  const given = await withValueFiles(tree, chart, inputs);
  const files = inputs.replaceDefaults ? withoutDefaults(given, folder) : given;
  const beside = besideOf(inputs, given);
  const run = (more: readonly string[]): Promise<Output> =>
    runTool([{ name: 'helm', args: [...argsOf(inputs, given), ...more] }], {
      files,
      folder,
      signal,
      beside,
    });
  const { text, limits } = await run([]);
  if (mentions(chart, CAPABILITIES)) sameEverywhere(text, (await run(OTHER_CLUSTER)).text);
  return { yaml: text, limits, sources: files, sourceOf: templatesOf(text, folder) };
}

function argsOf(inputs: HelmInputs, files: Files): readonly string[] {
  const { release, namespace, valueFiles, values, parameters } = inputs;
  if (values.reduce((sum, text) => sum + text.length, 0) > MAX_VALUES) throw new NotRendered('too many values');
  return [
    'template',
    release,
    '{}',
    '--namespace',
    namespace,
    ...valueFiles.flatMap((path, at) => (files.has(path) ? ['--values', `{beside}/${FILE}-${at}.yaml`] : [])),
    ...values.flatMap((_text, at) => ['--values', `{beside}/${VALUES}-${at}.yaml`]),
    ...parameters.flatMap(({ name, value, text }) => [
      text ? '--set-string' : '--set',
      // A comma begins the next parameter unless it is escaped (cleanSetParameters in argo-cd util/helm/helm.go).
      `${name}=${value.replace(/(?<!\\),/g, '\\,')}`,
    ]),
  ];
}

/** The chart's own values may be one of the files that stand in their place, so that files are given from elsewhere. */
function besideOf({ valueFiles, values }: HelmInputs, files: Files): ReadonlyMap<string, string> {
  const read = valueFiles.flatMap((path, at): [string, string][] => {
    const content = files.get(path);
    return content === undefined ? [] : [[`${FILE}-${at}.yaml`, content.toString('utf8')]];
  });
  return new Map([...read, ...values.map((text, at): [string, string] => [`${VALUES}-${at}.yaml`, text])]);
}

function withoutDefaults(files: Files, folder: string): Files {
  return new Map([...files, [posix.join(folder, 'values.yaml'), Buffer.alloc(0)]]);
}

const LOOKUP = /\{\{[^}]*\blookup\s+["(.$]/;
const CAPABILITIES = /\.Capabilities\b/;
/** A cluster with what this program evaluates, much newer than the one that helm thinks of by itself. */
const OTHER_CLUSTER = [
  '--kube-version',
  'v1.99.0',
  ...['cilium.io/v2', 'cilium.io/v2/CiliumNetworkPolicy', 'cilium.io/v2/CiliumClusterwideNetworkPolicy'].flatMap(
    (version) => ['--api-versions', version],
  ),
];

function mentions(files: Files, pattern: RegExp): boolean {
  return [...files].some(([path, content]) => /(^|\/)templates\//.test(path) && pattern.test(content.toString('utf8')));
}

/** What the cluster is and has is not known here, so policies that depend on it are not, either. */
function sameEverywhere(one: string, other: string): void {
  if (policiesOf(one) === policiesOf(other)) return;
  throw new NotRendered('its policies depend on what the cluster has (.Capabilities)');
}

/** helm begins each document with its template, the chart's own name first. */
function templatesOf(yaml: string, folder: string): (document: number) => string | undefined {
  const [first = '', ...others] = documentsOf(yaml);
  const documents = first.trim() === '' ? others : [first, ...others];
  const names = documents.map((text) => /^# Source: [^/\n]+\/(.+)$/m.exec(text)?.[1]);
  return (document) => {
    const name = names[document];
    return name === undefined ? undefined : posix.join(folder, name);
  };
}

const documentsOf = (yaml: string): readonly string[] => yaml.split(/^---.*$/m);

function policiesOf(yaml: string): string {
  const documents = documentsOf(yaml).filter((text) => text.includes('NetworkPolicy'));
  return documents.sort().join('---');
}

/** Files of values may stand beside the chart. */
async function withValueFiles(tree: TreeView, chart: Files, inputs: HelmInputs): Promise<Files> {
  const files = new Map(chart);
  for (const path of inputs.valueFiles.filter((one) => !chart.has(one))) {
    const entry = await tree.find(path);
    const [content] = entry?.type === 'file' ? await tree.read([entry]) : [];
    if (content !== undefined) files.set(path, content);
    else if (entry !== undefined || !inputs.missingFilesAllowed)
      throw new NotRendered(`the file of values ${path} is not in the repository, or a link`);
  }
  return files;
}

async function chartFiles(tree: TreeView, folder: string): Promise<Files> {
  const found: [string, TreeEntry][] = [];
  const pending = [folder];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of await tree.list(at)) {
      if (/^\.{1,2}$|^\.git$|[\u0000-\u001f\u007f/\\]/i.test(entry.name)) continue;
      const path = posix.join(at, entry.name);
      if (entry.type === 'tree') pending.push(path);
      else if (entry.type === 'file') found.push([path, entry]);
      if (found.length + pending.length > MAX_FILES) throw new NotRendered(`a chart of more than ${MAX_FILES} files`);
    }
  }
  const contents = await tree.read(found.map(([, entry]) => entry));
  const files = new Map(found.map(([path], at) => [path, contents[at] ?? Buffer.alloc(0)]));
  const bytes = [...files.values()].reduce((sum, content) => sum + content.length, 0);
  if (bytes > MAX_BYTES) throw new NotRendered('a chart that is larger than is read');
  return files;
}

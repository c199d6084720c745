// The Go programs of the lab: which module folder of go/ each is built in, and how. Versions are those of the go.mod files.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labFolder } from '../paths.ts';

export interface GoModule {
  readonly folder: string;
  /** File name of the program → the package that it is built from. */
  readonly programs: Readonly<Record<string, string>>;
  /** The module whose version the programs bear. */
  readonly versionOf?: string;
  readonly linkerFlags?: (version: string) => readonly string[];
  /** Files beside go.mod that are built in, other than main.go. */
  readonly moreSources?: readonly string[];
  /** Folders of the versioned module that are kept beside the programs: name → path. */
  readonly folders?: Readonly<Record<string, string>>;
}

/** Calico's tag does not resolve as a version of its module; go.mod has the commit that it stands on. */
export const calicoRelease = 'v3.31.0';
const calico = 'github.com/projectcalico/calico';

const setVersion = (variable: string, value: string): string => `-X '${variable}=${value}'`;
// Commit and date of Cilium's release: `cilium-dbg` shows no version at all without them.
const ciliumRevision = '20eaccfe 2026-06-16T10:54:31Z';

export const goModules = {
  pause: { folder: 'pause', programs: { pause: '.' } },
  etcd: { folder: 'etcd', programs: { etcd: 'go.etcd.io/etcd/server/v3' }, versionOf: 'go.etcd.io/etcd/server/v3' },
  kubernetes: {
    folder: 'kubernetes',
    programs: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    versionOf: 'k8s.io/kubernetes',
    linkerFlags: (version: string): readonly string[] => [
      setVersion('k8s.io/component-base/version.gitVersion', version),
      setVersion('k8s.io/component-base/version.gitMajor', version.split('.')[0]?.slice(1) ?? ''),
      setVersion('k8s.io/component-base/version.gitMinor', version.split('.')[1] ?? ''),
      setVersion('k8s.io/client-go/pkg/version.gitVersion', version),
    ],
  },
  calico: {
    folder: 'calico',
    programs: {
      'calico-felix': `${calico}/felix/cmd/calico-felix`,
      'calico-cni': `${calico}/cni-plugin/cmd/calico`,
      goldmane: `${calico}/goldmane/cmd`,
      'whisker-backend': `${calico}/whisker-backend/cmd`,
      // Of the Kubernetes that Calico is built with: only this cluster has it, and it may be older than the API server.
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
    },
    versionOf: calico,
    linkerFlags: (): readonly string[] => [setVersion(`${calico}/pkg/buildinfo.Version`, calicoRelease)],
    moreSources: [
      'httpmachinery/go.mod',
      ...['apiutil/apiutil.go', 'codec/codec.go', 'context/context.go'].map((file) => `httpmachinery/pkg/${file}`),
      ...['server.go', 'adaptors/gorilla/router.go'].map((file) => `httpmachinery/pkg/server/${file}`),
    ],
    folders: { crds: 'libcalico-go/config/crd', whisker: 'whisker/docker-image' },
  },
  cilium: {
    folder: 'cilium',
    programs: {
      'cilium-agent': 'github.com/cilium/cilium/daemon',
      'cilium-cni': 'github.com/cilium/cilium/plugins/cilium-cni',
      'cilium-dbg': 'github.com/cilium/cilium/cilium-dbg',
      hubble: 'github.com/cilium/cilium/hubble',
      'hubble-relay': 'github.com/cilium/cilium/hubble-relay',
    },
    versionOf: 'github.com/cilium/cilium',
    linkerFlags: (version: string): readonly string[] => [
      setVersion('github.com/cilium/cilium/pkg/version.ciliumVersion', `${version.slice(1)} ${ciliumRevision}`),
      setVersion('github.com/cilium/cilium/hubble/pkg.Version', version.slice(1)),
    ],
    folders: { bpf: 'bpf', crds: 'pkg/k8s/apis/cilium.io/client/crds' },
  },
  // One folder of go/: these two can share versions.
  sourceController: {
    folder: 'flux',
    programs: { 'source-controller': 'github.com/fluxcd/source-controller' },
    versionOf: 'github.com/fluxcd/source-controller',
    folders: { crds: 'config/crd/bases' },
  },
  kustomizeController: {
    folder: 'flux',
    programs: { 'kustomize-controller': 'github.com/fluxcd/kustomize-controller' },
    versionOf: 'github.com/fluxcd/kustomize-controller',
    folders: { crds: 'config/crd/bases' },
  },
  argocd: {
    folder: 'argocd',
    programs: { argocd: '.' },
    versionOf: 'github.com/argoproj/argo-cd/v3',
    linkerFlags: (version: string): readonly string[] => [
      setVersion('github.com/argoproj/argo-cd/v3/common.version', version.slice(1)),
    ],
    folders: { crds: 'manifests/crds' },
  },
  coredns: {
    folder: 'coredns',
    programs: { coredns: '.' },
    versionOf: 'github.com/coredns/coredns',
  },
} as const satisfies Readonly<Record<string, GoModule>>;

export type GoModuleName = keyof typeof goModules;

export function moduleFolder(module: GoModule): string {
  return join(labFolder, 'go', module.folder);
}

export async function versionOf(module: GoModule): Promise<string> {
  const text = await readFile(join(moduleFolder(module), 'go.mod'), 'utf8');
  const words = text.split('\n').map((line) =>
    line
      .replace(/^require\s+/, '')
      .trim()
      .split(/\s+/),
  );
  return words.find(([name, version]) => name === module.versionOf && version?.startsWith('v'))?.[1] ?? 'v0.0.0';
}

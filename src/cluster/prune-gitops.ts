/** What a capture keeps of GitOps controllers and sources: the fields that are decoded, nothing of values and parameters; used by `prune.ts`. */
import { controlsOf } from '../core/drift/controls.ts';
import { redact } from '../core/text/redact.ts';
import { ARGO_CONFIG } from './argo-config.ts';
import { asArray, asRecord } from './raw-meta.ts';

type Raw = Readonly<Record<string, unknown>>;

function redactText(value: unknown): unknown {
  return typeof value === 'string' ? redact(value) : value;
}

function pick(from: unknown, keys: readonly string[]): Record<string, unknown> {
  const record = asRecord(from);
  return Object.fromEntries(keys.flatMap((key) => (record[key] === undefined ? [] : [[key, redactText(record[key])]])));
}

function conditions(from: unknown): unknown[] {
  return asArray(from).map((one) => pick(one, ['type', 'status', 'reason', 'message']));
}

/** Of fields that only matter by being there, no content is kept. */
function present(from: Raw, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    keys.flatMap((key) =>
      from[key] === undefined ? [] : [[key, Array.isArray(from[key]) ? from[key].map(() => ({})) : {}]],
    ),
  );
}

const KUSTOMIZATION_FIELDS =
  'interval path prune force suspend targetNamespace namePrefix nameSuffix ignoreMissingComponents deletionPolicy serviceAccountName'.split(
    ' ',
  );

function pruneKustomization(object: Raw): Raw {
  const [spec, status] = [asRecord(object['spec']), asRecord(object['status'])];
  const postBuild = asRecord(spec['postBuild']);
  const secret = /pass|secret|token|key|cred|auth/i;
  const substitute = Object.entries(asRecord(postBuild['substitute'])).map(([name, value]) => [
    name,
    secret.test(name) ? '[redacted]' : redactText(value),
  ]);
  return {
    spec: {
      ...pick(spec, KUSTOMIZATION_FIELDS),
      ...(spec['patches'] === undefined
        ? {}
        : { patches: asArray(spec['patches']).map((one) => pick(one, ['target'])) }),
      ...present(spec, ['patchesStrategicMerge', 'patchesJson6902', 'images']),
      ...(spec['commonMetadata'] === undefined ? {} : { commonMetadata: controls(spec['commonMetadata']) }),
      ...(spec['ignore'] === undefined
        ? {}
        : { ignore: asArray(spec['ignore']).map((rule) => pick(rule, ['paths', 'target'])) }),
      ...(spec['components'] === undefined ? {} : { components: spec['components'] }),
      ...(spec['kubeConfig'] === undefined ? {} : { kubeConfig: {} }),
      sourceRef: pick(spec['sourceRef'], ['kind', 'name', 'namespace']),
      ...(spec['postBuild'] === undefined
        ? {}
        : {
            postBuild: {
              ...(substitute.length === 0 ? {} : { substitute: Object.fromEntries(substitute) }),
              substituteFrom: asArray(postBuild['substituteFrom']).map((one) =>
                pick(one, ['kind', 'name', 'optional']),
              ),
              ...pick(postBuild, ['substituteStrategy']),
            },
          }),
    },
    status: {
      ...pick(status, ['lastAppliedRevision', 'lastAttemptedRevision']),
      conditions: conditions(status['conditions']),
      ...(status['inventory'] === undefined ? {} : { inventory: inventory(status['inventory']) }),
    },
  };
}

function controls(from: unknown): Raw {
  const { labels, annotations } = asRecord(from);
  return { annotations: controlsOf(asRecord(labels) as Texts, asRecord(annotations) as Texts) };
}

type Texts = Readonly<Record<string, string>>;

function inventory(from: unknown): Raw {
  return { entries: asArray(asRecord(from)['entries']).map((one) => pick(one, ['id', 'v'])) };
}

function pruneHelmRelease(object: Raw): Raw {
  const [spec, status] = [asRecord(object['spec']), asRecord(object['status'])];
  const chart = asRecord(asRecord(spec['chart'])['spec']);
  return {
    spec: {
      ...pick(spec, ['interval', 'suspend', 'releaseName', 'targetNamespace']),
      ...(spec['chart'] === undefined
        ? {}
        : {
            chart: {
              spec: {
                ...pick(chart, ['chart', 'version']),
                sourceRef: pick(chart['sourceRef'], ['kind', 'name', 'namespace']),
              },
            },
          }),
      ...(spec['chartRef'] === undefined ? {} : { chartRef: pick(spec['chartRef'], ['kind', 'name', 'namespace']) }),
      // Values may be secrets, and what a chart renders without them is not what is installed.
      valuesLeftOut: true,
      ...(spec['driftDetection'] === undefined ? {} : { driftDetection: pick(spec['driftDetection'], ['mode']) }),
      ...(spec['kubeConfig'] === undefined ? {} : { kubeConfig: {} }),
    },
    status: {
      ...pick(status, ['lastAttemptedRevision']),
      conditions: conditions(status['conditions']),
      ...(status['inventory'] === undefined ? {} : { inventory: inventory(status['inventory']) }),
    },
  };
}

function pruneSource(object: Raw): Raw {
  const [spec, status] = [asRecord(object['spec']), asRecord(object['status'])];
  return {
    spec: {
      ...pick(spec, ['url', 'suspend', 'endpoint', 'bucketName']),
      ref: pick(spec['ref'], ['branch', 'tag', 'semver', 'name', 'commit', 'digest']),
    },
    status: { artifact: pick(status['artifact'], ['revision']), conditions: conditions(status['conditions']) },
  };
}

/** Of patches no text is kept, of labels no value. */
function argoKustomize(from: Raw): Raw {
  const labels = Object.keys(asRecord(from['commonLabels'])).map((key) => [key, '']);
  return {
    ...pick(from, ['namePrefix', 'nameSuffix', 'namespace', 'ignoreMissingComponents', 'labelWithoutSelector']),
    ...(from['components'] === undefined ? {} : { components: from['components'] }),
    ...(from['patches'] === undefined ? {} : { patches: asArray(from['patches']).map((one) => pick(one, ['target'])) }),
    ...(labels.length > 0 ? { commonLabels: Object.fromEntries(labels) } : {}),
  };
}

function argoSource(from: unknown): Raw {
  const source = asRecord(from);
  return {
    ...pick(source, ['repoURL', 'path', 'targetRevision', 'chart', 'ref']),
    ...(source['directory'] === undefined
      ? {}
      : { directory: pick(source['directory'], ['recurse', 'include', 'exclude']) }),
    ...(source['kustomize'] === undefined ? {} : { kustomize: argoKustomize(asRecord(source['kustomize'])) }),
    ...present(source, ['plugin']),
    ...(source['helm'] === undefined ? {} : { helm: { leftOut: true } }),
  };
}

function pruneApplication(object: Raw): Raw {
  const [spec, status] = [asRecord(object['spec']), asRecord(object['status'])];
  const operation = asRecord(status['operationState']);
  return {
    spec: {
      ...pick(spec, ['project']),
      destination: pick(spec['destination'], ['server', 'name', 'namespace']),
      ...(spec['source'] === undefined ? {} : { source: argoSource(spec['source']) }),
      ...(spec['sources'] === undefined ? {} : { sources: asArray(spec['sources']).map(argoSource) }),
      ...(spec['sourceHydrator'] === undefined ? {} : { sourceHydrator: {} }),
      ...(spec['syncPolicy'] === undefined ? {} : { syncPolicy: syncPolicy(spec['syncPolicy']) }),
      ignoreDifferences: spec['ignoreDifferences'] ?? [],
    },
    status: {
      ...(status['resources'] === undefined ? {} : { resources: resources(status['resources']) }),
      ...pick(status, ['sourceType', 'reconciledAt']),
      sync: pick(status['sync'], ['status', 'revision']),
      conditions: asArray(status['conditions']).map((one) => pick(one, ['type', 'message'])),
      operationState: {
        ...pick(operation, ['phase', 'message']),
        syncResult: pick(operation['syncResult'], ['revision']),
      },
    },
  };
}

function syncPolicy(from: unknown): Raw {
  const policy = asRecord(from);
  return {
    ...(policy['automated'] === undefined
      ? {}
      : { automated: pick(policy['automated'], ['prune', 'selfHeal', 'enabled', 'allowEmpty']) }),
    ...(policy['syncOptions'] === undefined ? {} : { syncOptions: policy['syncOptions'] }),
  };
}

const RESOURCE_FIELDS = 'group kind namespace name status requiresPruning requiresDeletionConfirmation'.split(' ');

function resources(from: unknown): unknown[] {
  return asArray(from).map((one) => pick(one, RESOURCE_FIELDS));
}

function pruneProject(object: Raw): Raw {
  const windows = asArray(asRecord(object['spec'])['syncWindows']).map((one) => {
    const lists = ['applications', 'namespaces', 'clusters'].flatMap((key) => {
      const list = asRecord(one)[key];
      return list === undefined ? [] : [[key, list]];
    });
    return {
      ...pick(one, ['kind', 'schedule', 'duration', 'timeZone', 'andOperator', 'manualSync']),
      ...Object.fromEntries(lists),
    };
  });
  return { spec: { syncWindows: windows } };
}

export const GITOPS_PARTS: Readonly<Record<string, (object: Raw) => Raw>> = {
  Kustomization: pruneKustomization,
  HelmRelease: pruneHelmRelease,
  GitRepository: pruneSource,
  OCIRepository: pruneSource,
  Bucket: pruneSource,
  HelmRepository: pruneSource,
  Application: pruneApplication,
  AppProject: pruneProject,
};

/** argocd-cm holds client secrets of identity providers beside what is read; undefined for any other ConfigMap. */
export function argoParts(name: string, data: Raw): Raw | undefined {
  return name === ARGO_CONFIG.name ? pick(data, ARGO_CONFIG.keys) : undefined;
}

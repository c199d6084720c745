/** Cuts a recorded object down to what the decoders read, so that a capture is small and holds no secret. */
import { redact } from '../core/text/redact.ts';
import { LAST_APPLIED, withoutValues } from './last-applied.ts';
import { readPartsOf } from './mesh-config.ts';
import type { RawObject } from './object-reader.ts';
import { withoutTheRest } from './owned-fields.ts';
import { argoParts, GITOPS_PARTS } from './prune-gitops.ts';
import { asArray, asRecord, metaOf, nameOf } from './raw-meta.ts';
import { UNEVALUATED } from './resources.ts';

type Raw = Readonly<Record<string, unknown>>;

const SECRET_NAME = /pass|secret|token|key|cred|auth|cookie|session|signature|dsn|conn(?:ection)?_?str/i;
const REDACTED = '[redacted]';
const EVALUATED_GROUPS = new Set([
  'networking.k8s.io',
  'cilium.io',
  'projectcalico.org',
  'crd.projectcalico.org',
  'discovery.k8s.io',
  'apps',
  'batch',
  'policy.networking.k8s.io',
  'networking.k8s.aws',
  'eks.amazonaws.com',
  'crd.antrea.io',
  'networking.gke.io',
  'k8s.ovn.org',
  'network.openshift.io',
  'networking.istio.io',
  'policy.linkerd.io',
  'gateway.networking.k8s.io',
  'kustomize.toolkit.fluxcd.io',
  'helm.toolkit.fluxcd.io',
  'source.toolkit.fluxcd.io',
  'argoproj.io',
]);

const SPECIFIC: Readonly<Record<string, (object: Raw) => Raw>> = {
  Pod: (object) => ({
    spec: prunePodSpec(asRecord(object['spec'])),
    status: prunePodStatus(asRecord(object['status'])),
  }),
  Node: (object) => ({ status: pruneNodeStatus(asRecord(object['status'])) }),
  Namespace: () => ({}),
  ServiceAccount: () => ({}),
  ConfigMap: (object) => {
    const data = asRecord(object['data']);
    const name = nameOf(object);
    const parts = argoParts(name, data) ?? readPartsOf(name, data);
    return { data: redactDeep(parts ?? (ENGINE_CONFIG.has(name) ? data : valuesOnly(data))) };
  },
  // That it routes requests at all is read, not how: rules hold header values.
  VirtualService: ({ spec }) => {
    const { http, ...rest } = asRecord(spec);
    return { spec: { ...pick(rest, ['hosts', 'gateways', 'exportTo']), http: asArray(http).map(() => ({})) } };
  },
  NodeClass: ({ spec }) => ({ spec: pick(asRecord(spec), ['networkPolicy']) }),
  Deployment: pruneWorkload,
  ReplicaSet: (object) => ({
    spec: {
      ...pick(asRecord(object['spec']), ['replicas', 'selector']),
      template: pruneRevision(asRecord(asRecord(object['spec'])['template'])),
    },
  }),
  ControllerRevision: ({ revision, data }) => ({
    revision,
    data: { spec: { template: pruneRevision(asRecord(asRecord(asRecord(data)['spec'])['template'])) } },
  }),
  StatefulSet: pruneWorkload,
  Job: pruneWorkload,
  ...GITOPS_PARTS,
  DaemonSet: (object) => ({ spec: { template: pruneTemplate(asRecord(asRecord(object['spec'])['template'])) } }),
};

/** ConfigMaps of policy engines, of which any key may be read. */
const ENGINE_CONFIG: ReadonlySet<string> = new Set(['cilium-config', 'antrea-config', 'amazon-vpc-cni']);

/** Of a ConfigMap that Flux takes values from: names and short texts; whole files of values may hold anything. */
function valuesOnly(data: Raw): Raw {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      const isKept = typeof value === 'string' && !SECRET_NAME.test(key) && !value.trim().includes('\n');
      return [key, isKept ? value : REDACTED];
    }),
  );
}

export function prune(object: RawObject): RawObject {
  const head = {
    ...pick(object, ['apiVersion', 'kind']),
    metadata: pruneMeta(metaOf(object), FIELDS_OF.has(String(object['kind']))),
  };
  if (!isEvaluated(object)) return head;
  const { metadata: _metadata, ...whole } = object;
  return { ...head, ...(SPECIFIC[String(object['kind'])]?.(object) ?? asRecord(redactDeep(whole))) };
}

/** Of kinds that are only reported, nothing but the name is read. */
function isEvaluated(object: RawObject): boolean {
  const version = String(object['apiVersion']);
  const group = version.split('/')[0] ?? '';
  if (UNEVALUATED.some((one) => one.group === group && one.kind === object['kind'])) return false;
  return !version.includes('/') || EVALUATED_GROUPS.has(group);
}

/** HTTP rules of policies carry header values: `Authorization: …` as one text, or as a name and its value. */
function redactDeep(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redactDeep);
  if (typeof value !== 'object' || value === null) return value;
  const { name } = value as Raw;
  const secret = typeof name === 'string' && SECRET_NAME.test(name);
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, secret && key === 'value' ? REDACTED : redactDeep(field)]),
  );
}

function pick(object: Raw, keys: readonly string[]): Raw {
  return Object.fromEntries(keys.flatMap((key) => (object[key] === undefined ? [] : [[key, object[key]]])));
}

/** Of what Git writes, it is told which fields the next apply takes away. */
const FIELDS_OF: ReadonlySet<string> = new Set([
  'CiliumNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'NetworkPolicy',
]);

function pruneMeta(meta: Raw, withFields: boolean): Raw {
  const { managedFields, annotations, ...rest } = meta;
  const managers = asArray(managedFields).map((entry) => {
    const fields = withFields ? withoutTheRest(asRecord(entry)['fieldsV1']) : undefined;
    return {
      ...pick(asRecord(entry), ['manager', 'operation', 'time', 'subresource']),
      ...(fields && { fieldsV1: fields }),
    };
  });
  const notes = Object.entries(asRecord(annotations)).flatMap(([key, value]) => {
    const kept = key === LAST_APPLIED ? withoutValues(value) : redactText(value);
    return kept === undefined ? [] : [[key, kept]];
  });
  return {
    ...rest,
    ...(notes.length > 0 ? { annotations: Object.fromEntries(notes) } : {}),
    ...(managers.length > 0 ? { managedFields: managers } : {}),
  };
}

function redactText(value: unknown): unknown {
  return typeof value === 'string' ? redact(value) : value;
}

function prunePodSpec(spec: Raw): Raw {
  const kept = pick(spec, [
    'nodeName',
    'os',
    'nodeSelector',
    'hostNetwork',
    'serviceAccountName',
    'dnsPolicy',
    'dnsConfig',
    'hostAliases',
  ]);
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((field) =>
    spec[field] === undefined ? [] : [[field, asArray(spec[field]).map((entry) => pruneContainer(asRecord(entry)))]],
  );
  return { ...kept, ...Object.fromEntries(containers) };
}

/** Commands and arguments stay out: nothing reads them and people put passwords there. */
function pruneContainer(container: Raw): Raw {
  const env = asArray(container['env'])
    .map(asRecord)
    .filter((entry) => typeof entry['value'] === 'string');
  return {
    ...pick(container, ['name', 'image', 'ports', 'restartPolicy']),
    ...(env.length > 0 ? { env: env.map((entry) => ({ name: entry['name'], value: safeValue(entry) })) } : {}),
  };
}

/** The address of the node's credential agent: which one it is tells the kind of identity (`core/path/environment.ts`). */
const PUBLIC_NAME = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';

function safeValue(entry: Raw): string {
  const name = String(entry['name']);
  return SECRET_NAME.test(name) && name !== PUBLIC_NAME ? REDACTED : redact(String(entry['value']));
}

/** The kubelet's version tells k3s, whose policy engine no pod shows. */
function pruneNodeStatus(status: Raw): Raw {
  const info = pick(asRecord(status['nodeInfo']), ['kubeletVersion']);
  return { ...pick(status, ['addresses']), ...(Object.keys(info).length > 0 ? { nodeInfo: info } : {}) };
}

function prunePodStatus(status: Raw): Raw {
  const kept = pick(status, ['phase', 'podIP', 'podIPs', 'hostIP', 'hostIPs', 'conditions']);
  const statuses = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'].flatMap((field) =>
    status[field] === undefined ? [] : [[field, asArray(status[field]).map((entry) => pruneStatus(asRecord(entry)))]],
  );
  return { ...kept, ...Object.fromEntries(statuses) };
}

/** A terminated container's message is text of the program itself. */
function pruneStatus(status: Raw): Raw {
  const last = pruneStates(status['lastState']);
  return {
    ...pick(status, ['name', 'restartCount', 'ready']),
    state: pruneStates(status['state']),
    ...(Object.keys(last).length > 0 && { lastState: last }),
  };
}

function pruneStates(states: unknown): Raw {
  const kept = Object.entries(asRecord(states)).map(([key, value]) => [
    key,
    pick(asRecord(value), ['reason', 'startedAt', 'finishedAt', 'exitCode']),
  ]);
  return Object.fromEntries(kept);
}

function pruneWorkload(object: Raw): Raw {
  return { spec: pick(asRecord(object['spec']), ['replicas', 'selector']) };
}

/** Of an earlier template what is compared with the present one: images, the environment by name and place, and what decides the way out. */
function pruneRevision(template: Raw): Raw {
  const spec = asRecord(template['spec']);
  const labels = pick(asRecord(template['metadata']), ['labels']);
  const containers = ['containers', 'initContainers'].flatMap((field) =>
    spec[field] === undefined
      ? []
      : [[field, asArray(spec[field]).map((entry) => pruneRevisionContainer(asRecord(entry)))]],
  );
  const kept = pick(spec, ['serviceAccountName', 'dnsPolicy', 'hostNetwork', 'nodeSelector']);
  return {
    ...(Object.keys(labels).length > 0 && { metadata: labels }),
    spec: { ...kept, ...Object.fromEntries(containers) },
  };
}

/** A place that a value is taken from is no secret; names of Secrets are not their content. */
function pruneRevisionContainer(container: Raw): Raw {
  const env = asArray(container['env']).map(asRecord);
  return {
    ...pick(container, ['name', 'image', 'envFrom']),
    env: env.map((entry) => ({
      ...pick(entry, ['name', 'valueFrom']),
      ...(typeof entry['value'] === 'string' && { value: safeValue(entry) }),
    })),
  };
}

function pruneTemplate(template: Raw): Raw {
  const containers = asArray(asRecord(template['spec'])['containers']).map((entry) => pruneAgent(asRecord(entry)));
  return { metadata: pick(asRecord(template['metadata']), ['labels']), spec: { containers } };
}

/** Of arguments and environment, only what switches policies on or off at an agent. */
function pruneAgent(container: Raw): Raw {
  const args = asArray(container['args']).filter((arg) => String(arg).startsWith('--enable-network-policy'));
  const env = asArray(container['env']).filter((entry) => asRecord(entry)['name'] === 'NETWORK_POLICY_ENFORCING_MODE');
  return { ...pick(container, ['name', 'image']), args, ...(env.length > 0 && { env }) };
}

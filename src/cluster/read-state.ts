/** Reads what an egress evaluation of one pod may need, all kinds side by side; the `readState` of `cluster-source.ts`. */
import type { ClusterState, NotRead } from '../core/model/cluster-state.ts';
import type { Policy, UnsupportedPolicy } from '../core/model/policy.ts';
import type { PodRef } from '../core/model/probe.ts';
import { oneOfForms } from './both-forms.ts';
import { cidrGroupSchema } from './decode/cilium-policy.ts';
import { backendsSchema, namespaceSchema, nodeSchema, serviceSchema } from './decode/cluster-objects.ts';
import { configMapSchema, daemonSetSchema, unsupportedSchema } from './decode/engine-objects.ts';
import { podSchema } from './decode/pod.ts';
import type { Decoded } from './decode/shapes.ts';
import { readElsewhere } from './elsewhere.ts';
import { detectEngine } from './engine.ts';
import { withSettings } from './engine-config.ts';
import { engineObjects } from './engine-objects.ts';
import { createGatherer, type Gatherer, inNameOrder } from './gather.ts';
import { readMesh } from './mesh.ts';
import type { ObjectReader } from './object-reader.ts';
import { COMMON_POLICIES, OTHER_POLICIES } from './policy-kinds.ts';
import { readRelated } from './related.ts';
import * as kinds from './resources.ts';

const SYSTEM = 'kube-system';
/** In the agents' namespace, which some distributions choose themselves. */
const CONFIG = 'cilium-config';
/** Enough to name them; that there are some is what matters. */
const UNEVALUATED_LIMIT = 50;

export async function readState(reader: ObjectReader, pod: PodRef, signal: AbortSignal): Promise<ClusterState> {
  const gather = createGatherer(reader, signal);
  const [policies, elsewhere, otherPolicies, related, surroundings, agents, unevaluated] = await Promise.all([
    readPolicies(gather, pod.namespace),
    readElsewhere(gather, pod.namespace),
    readOtherPolicies(gather, pod.namespace),
    readRelated(gather, pod.namespace),
    readSurroundings(gather, pod.namespace),
    readAgents(gather),
    readUnevaluated(gather, pod.namespace),
  ]);
  const subject = surroundings.pods.values.find(
    ({ meta }) => meta.name === pod.name && meta.namespace === pod.namespace,
  );
  const [config] = agents.config.values;
  // Only now is it known whether the pod has a mesh's proxy: most have none, and nothing of a mesh is read for them.
  const mesh = await readMesh(gather, subject, surroundings.namespaces.values);
  const sources = {
    pods: surroundings.pods.values,
    daemonSets: agents.daemonSets.values,
    nodes: surroundings.nodes.values,
    ...(config === undefined ? {} : { config: config.data }),
    ...(subject?.nodeName === undefined ? {} : { nodeName: subject.nodeName }),
    blind: agents.daemonSets.notRead.length > 0,
  };
  const configured = await withSettings(gather, detectEngine(sources), {
    daemonSets: sources.daemonSets,
    nodes: sources.nodes,
    nodeName: subject?.nodeName,
  });
  return {
    engine: configured.engine,
    ...engineObjects(configured.engine, sources, configured.written ?? config?.meta),
    namespaces: inNameOrder(surroundings.namespaces.values),
    pods: inNameOrder(surroundings.pods.values),
    nodes: inNameOrder(surroundings.nodes.values),
    services: inNameOrder(surroundings.services.values),
    backends: sortBackends(surroundings.slices.values.flat()),
    policies: [...policies.values, ...otherPolicies.values, ...elsewhere],
    cidrGroups: inNameOrder(policies.cidrGroups),
    ...related.related,
    ...mesh.facts,
    unsupported: inNameOrder(unevaluated.values),
    notRead: [
      ...policies.notRead,
      ...summarised([...otherPolicies.notRead, ...related.notRead, ...mesh.notRead, ...unevaluated.notRead]),
      ...reader.problems(),
      ...gapsOf(surroundings),
      ...agentGaps(agents),
      ...configured.notRead,
    ],
  };
}

async function readPolicies(gather: Gatherer, namespace: string) {
  const [policies, cidrGroups] = await Promise.all([
    readKinds(gather, COMMON_POLICIES, namespace),
    gather.inScope(kinds.CILIUM_CIDR_GROUPS, cidrGroupSchema, {}),
  ]);
  return { ...policies, cidrGroups: cidrGroups.values, notRead: [...policies.notRead, ...cidrGroups.notRead] };
}

async function readOtherPolicies(gather: Gatherer, namespace: string): Promise<Decoded<Policy>> {
  const { values, notRead } = await readKinds(gather, OTHER_POLICIES, namespace);
  return { values, notRead: notRead.filter(({ code }) => code !== 'kind_absent') };
}

/** Kind after kind, each in the order of its names. */
async function readKinds(gather: Gatherer, reads: typeof COMMON_POLICIES, namespace: string): Promise<Decoded<Policy>> {
  const all = await Promise.all(
    reads.map(async ({ resource, schema, stored }) => {
      const scope = resource.namespaced ? { namespace } : {};
      const read = gather.inScope(resource, schema, scope);
      if (!stored) return read;
      return oneOfForms(await read, await gather.inScope(kinds.storedForm(resource), stored, scope), true);
    }),
  );
  return {
    values: all.flatMap(({ values }) => inNameOrder(values)),
    notRead: all.flatMap(({ notRead }) => notRead),
  };
}

/** Where all namespaces may not be listed: the pod's own, DNS, and the API server's Service. */
async function readSurroundings(gather: Gatherer, namespace: string) {
  const fallback = [...new Set([namespace, SYSTEM, 'default'])];
  const [pods, services, slices, namespaces, nodes] = await Promise.all([
    gather.everywhere(kinds.PODS, podSchema, fallback),
    gather.everywhere(kinds.SERVICES, serviceSchema, fallback),
    gather.everywhere(kinds.ENDPOINT_SLICES, backendsSchema, fallback),
    readNamespaces(gather, namespace),
    gather.inScope(kinds.NODES, nodeSchema, {}),
  ]);
  return { pods, services, slices, namespaces, nodes };
}

async function readNamespaces(gather: Gatherer, namespace: string) {
  const all = await gather.inScope(kinds.NAMESPACES, namespaceSchema, {});
  if (all.values.length > 0 || all.notRead[0]?.code !== 'forbidden') return all;
  const own = await gather.one(kinds.NAMESPACES, namespaceSchema, { name: namespace });
  return { values: own.values, notRead: all.notRead };
}

async function readAgents(gather: Gatherer) {
  const [daemonSets, config] = await Promise.all([
    gather.everywhere(kinds.DAEMON_SETS, daemonSetSchema, [SYSTEM]),
    gather.one(kinds.CONFIG_MAPS, configMapSchema, { namespace: SYSTEM, name: CONFIG }),
  ]);
  const namespace = daemonSets.values.find(({ labels }) => labels['k8s-app'] === 'cilium')?.namespace ?? SYSTEM;
  if (config.values.length > 0 || namespace === SYSTEM) return { daemonSets, config };
  return { daemonSets, config: await gather.one(kinds.CONFIG_MAPS, configMapSchema, { namespace, name: CONFIG }) };
}

/** A cluster without Cilium has no cilium-config, which is no gap. */
function agentGaps(agents: Awaited<ReturnType<typeof readAgents>>): readonly NotRead[] {
  return [...agents.daemonSets.notRead, ...agents.config.notRead.filter(({ code }) => code !== 'not_found')];
}

/** Policies of a kind that is not evaluated: present → reported as such, kind absent → nothing, refused → a gap. */
async function readUnevaluated(gather: Gatherer, namespace: string): Promise<Decoded<UnsupportedPolicy>> {
  const reads = await Promise.all(
    kinds.UNEVALUATED.map((resource) =>
      gather.inScope(resource, unsupportedSchema, {
        ...(resource.namespaced ? { namespace } : {}),
        limit: UNEVALUATED_LIMIT,
      }),
    ),
  );
  const gaps = reads.flatMap(({ notRead }) => notRead).filter(({ code }) => code !== 'kind_absent');
  // A sentence about an archive names kinds that somebody may have; these few have, so they are told of together.
  const shown = gaps.filter(({ code }) => code !== 'not_in_archive');
  return {
    values: reads.flatMap(({ values }) => values),
    notRead: gaps.length > shown.length ? [...shown, NOT_HELD] : shown,
  };
}

const NOT_HELD: NotRead = {
  what: 'kinds that are not evaluated',
  code: 'not_in_archive',
  reason: 'the archive does not show whether there are any, such as SecurityGroupPolicy or CiliumEgressGatewayPolicy',
  nextStep: 'Capture the cluster, or add those objects if it has such kinds.',
};

/** A plain directory of manifests lacks some twenty kinds that hardly anybody has: one sentence says so. */
function summarised(gaps: readonly NotRead[]): readonly NotRead[] {
  const absent = gaps.filter(({ code }) => code === 'not_in_archive');
  if (absent.length < 2) return gaps;
  const summary: NotRead = {
    what: 'other kinds of policies',
    code: 'not_in_archive',
    reason: `the archive does not show whether there are any ${absent.map(({ what }) => what.replace(/ in namespace .*$/, '')).join(', ')}`,
    nextStep: 'Capture the cluster, or add those objects if it has such kinds.',
  };
  return [...gaps.filter((gap) => !absent.includes(gap)), summary];
}

function gapsOf(parts: Readonly<Record<string, Decoded<unknown>>>): readonly NotRead[] {
  return Object.values(parts).flatMap(({ notRead }) => notRead);
}

function sortBackends(backends: ClusterState['backends']): ClusterState['backends'] {
  const key = (backend: ClusterState['backends'][number]) =>
    [backend.namespace, backend.service, backend.addresses.join(), JSON.stringify(backend.ports)].join('/');
  return backends.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

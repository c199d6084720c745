/** "Which pods may reach it?": one verdict for all pods in the same situation, instead of one a pod; asked by `core/remedy` and `listEgressPolicies`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { Pod } from '../model/workload.ts';
import { normaliseName } from '../net/dns-name.ts';
import { standingDefault } from './engine/enforcement-aws.ts';
import type { Verdict } from './evaluate.ts';
import { decideUnder } from './evaluate.ts';
import { identitiesOf } from './identity/identity.ts';
import { SERVICE_ACCOUNT_KEY } from './identity/labels.ts';
import { meshOf } from './mesh/proxy.ts';
import type { Selecting } from './rules/pod-policy.ts';
import { podPolicyOf, selectingOf } from './rules/pod-policy.ts';
import { labelKeysAsked } from './rules/policies.ts';
import type { PolicySection, TranslatedPolicy } from './rules/rule.ts';
import { dnsDependsOnNode, dnsServersOf } from './state/dns-server.ts';
import { addressesOf } from './state/service-names.ts';
import { indexOf } from './state/state-index.ts';

/** Pods that the engine treats alike towards the destination. */
export interface FleetGroup {
  readonly verdict: Verdict;
  readonly pods: readonly Pod[];
}

/** Every pod that runs or will run, grouped; the verdict is that of `decideEgress` for each pod of the group. */
export function fleetEgress(state: ClusterState, destination: Destination): readonly FleetGroup[] {
  const groups = new Map<string, Group>();
  const idOf = numbering();
  const spaceOf = spaces(state, destination);
  for (const pod of state.pods) {
    if (pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
    const space = spaceOf(pod.meta.namespace ?? 'default');
    // Replicas are alike in all that matters: what one of them is in for need not be worked out for the next.
    const place = space.placeOf(pod);
    if (place.group) {
      place.group.pods.push(pod);
      continue;
    }
    const selecting = selectingOf(state, pod);
    const situation = `${space.name}|${space.surroundingsOf(pod)}|${policiesText(selecting, pod, idOf)}`;
    const verdict = () => decideUnder(state, podPolicyOf(state, pod, selecting), destination);
    const group = groups.get(situation) ?? { verdict: verdict(), pods: [] };
    group.pods.push(pod);
    groups.set(situation, group);
    if (!selecting.some(isForOnePod)) place.group = group;
  }
  return [...groups.values()];
}

interface Group {
  readonly verdict: Verdict;
  readonly pods: Pod[];
}

/** Where pods come to that look alike: a step for each thing that is looked at, so that no text is made of a hundred thousand pods. */
interface Place {
  readonly next: Map<string | undefined, Place>;
  group?: Group;
}

/** A namespace: its pods meet the same policies, and are told apart by what those ask. */
interface Space {
  readonly name: string;
  /** Pods of one place have equal verdicts. */
  placeOf(pod: Pod): Place;
  /** What a verdict reads of a pod besides the policies that select it. */
  surroundingsOf(pod: Pod): string;
}

function spaces(state: ClusterState, destination: Destination): (name: string) => Space {
  const known = new Map<string, Space>();
  const nodeMatters = dependsOnNode(state, destination);
  const { namespaces, settings } = indexOf(state);
  const onAws = settings.engine === 'aws-vpc-cni';
  const addressMatters = settings.matchPodsByCidr && state.cidrGroups.length > 0;
  const made = (name: string): Space => {
    const namespace = namespaces.get(name);
    const keys = labelKeysAsked(state, name);
    const surroundingsOf = (pod: Pod): string => {
      // Nearly every pod is an ordinary one, of which this is all.
      let text = pod.dnsPolicy;
      const alias = hasAlias(pod, destination.host);
      if (pod.hostNetwork) text += '|host';
      if (alias) text += `|alias ${JSON.stringify(pod.hostAliases)}`;
      if (nodeMatters || alias) text += `|node ${pod.nodeName ?? ''}`;
      if (onAws) text += `|default ${JSON.stringify(standingDefault(state, pod))}`;
      if (meshOf(pod, namespace)) text += `|mesh ${meshSituation(pod)}`;
      return text;
    };
    const start: Place = { next: new Map() };
    const placeOf = (pod: Pod): Place => {
      let place = step(start, surroundingsOf(pod));
      if (addressMatters) place = step(place, pod.podIPs.join());
      if (!keys) return step(place, JSON.stringify([pod.serviceAccount, pod.meta.labels]));
      for (const key of keys) place = step(place, labelOf(pod, key));
      return place;
    };
    return { name, placeOf, surroundingsOf };
  };
  return (name) => {
    const space = known.get(name) ?? made(name);
    known.set(name, space);
    return space;
  };
}

function step({ next }: Place, value: string | undefined): Place {
  const known = next.get(value);
  if (known) return known;
  const place: Place = { next: new Map() };
  next.set(value, place);
  return place;
}

function labelOf({ meta, serviceAccount }: Pod, key: string): string | undefined {
  return key === SERVICE_ACCOUNT_KEY ? serviceAccount : meta.labels[key];
}

function policiesText(selecting: readonly Selecting[], pod: Pod, idOf: (value: object) => number): string {
  return selecting.map((one) => `${idOf(one.translated)}${partsOf(one, pod)}`).join('|');
}

function numbering(): (value: object) => number {
  const known = new Map<object, number>();
  return (value) => {
    const number = known.get(value) ?? known.size;
    known.set(value, number);
    return number;
  };
}

/** Rules made for the pod may go by its address, which its looks do not tell. */
function isForOnePod({ sections }: Selecting): boolean {
  return sections.some(({ rulesFor }) => rulesFor !== undefined);
}

/** Which sections take the pod, how surely, and which of their rules are for it. */
function partsOf({ translated, sections, selects }: Selecting, pod: Pod): string {
  const sure = selects === 'yes' ? '' : '?';
  const own = sections.map((section) => ownRules(section, translated, pod)).join();
  if (sections.length === translated.sections.length) return sure + own;
  return `${sure}:${sections.map((section) => section.path).join()}${own}`;
}

/** A rule that was made for the pod is nobody else's. */
function ownRules(own: PolicySection, { sections }: TranslatedPolicy, pod: Pod): string {
  // Rules are translated when they are first read, which needs not be here.
  if (!own.rulesFor) return '';
  const all = sections.find((section) => section.path === own.path)?.rules ?? [];
  const places = own.rules.map((rule) => all.indexOf(rule));
  return places.includes(-1) ? `!${pod.meta.namespace}/${pod.meta.name}` : `#${places.join('.')}`;
}

/** What a mesh reads of a pod with its proxy: the labels that select it, and how the proxy was told to treat it. */
function meshSituation({ meta, containers }: Pod): string {
  return JSON.stringify([meta.labels, meta.annotations, containers.map(({ name, role, env }) => [name, role, env])]);
}

/** The own node is another peer than the other nodes; everything else looks alike from everywhere. */
function dependsOnNode(state: ClusterState, destination: Destination): boolean {
  const { host, port, protocol } = destination;
  const anyPod = state.pods.find(({ dnsPolicy }) => dnsPolicy === 'ClusterFirst');
  // A name without a dot is looked for in the pod's own namespace, so no pod speaks for the others.
  if (anyPod === undefined || dnsDependsOnNode(state) || (host !== undefined && !host.includes('.'))) return true;
  const targets = addressesOf(state, anyPod, destination).flatMap((address) =>
    identitiesOf(state, anyPod, { address, port, protocol }),
  );
  return [...targets, ...dnsServersOf(state, anyPod).servers].some(
    ({ kind }) => kind === 'host' || kind === 'remote-node',
  );
}

function hasAlias(pod: Pod, host: string | undefined): boolean {
  if (host === undefined || pod.hostAliases.length === 0) return false;
  return pod.hostAliases.some((alias) => alias.hostnames.some((name) => normaliseName(name) === host));
}

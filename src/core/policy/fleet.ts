/** "Which pods may reach it?": one verdict for all pods in the same situation, instead of one a pod; asked by `core/remedy` and `listEgressPolicies`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { Pod } from '../model/workload.ts';
import { normaliseName } from '../net/dns-name.ts';
import type { Verdict } from './evaluate.ts';
import { decideEgress } from './evaluate.ts';
import { identitiesOf } from './identity/identity.ts';
import { meshOf } from './mesh/proxy.ts';
import type { Selecting } from './rules/pod-policy.ts';
import { selectingOf } from './rules/pod-policy.ts';
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
  const groups = new Map<string, { verdict: Verdict; pods: Pod[] }>();
  // Replicas are alike to the letter: what one of them is in for need not be worked out for the next.
  const groupOfTwin = new Map<string, { readonly pods: Pod[] }>();
  const ways = situations(state, destination);
  for (const pod of state.pods) {
    if (pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
    const looks = ways.looksOf(pod);
    const twin = groupOfTwin.get(looks);
    if (twin) {
      twin.pods.push(pod);
      continue;
    }
    const situation = ways.situationOf(pod);
    const group = groups.get(situation) ?? { verdict: decideEgress(state, pod, destination), pods: [] };
    group.pods.push(pod);
    groups.set(situation, group);
    if (!situation.includes(OWN)) groupOfTwin.set(looks, group);
  }
  return [...groups.values()];
}

// Marks a rule that was made for one pod.
const OWN = '!';

interface Ways {
  /** Everything of the pod that may matter, as it stands in the object: equal looks have equal situations. */
  looksOf(pod: Pod): string;
  /** All that a verdict reads of a pod, as text: equal situations have equal verdicts. */
  situationOf(pod: Pod): string;
}

function situations(state: ClusterState, destination: Destination): Ways {
  const idOf = numbering();
  const nodeMatters = dependsOnNode(state, destination);
  const { namespaces } = indexOf(state);
  const surroundings = (pod: Pod): string => {
    const alias = hasAlias(pod, destination.host) ? JSON.stringify(pod.hostAliases) : '';
    const node = nodeMatters || alias !== '' ? (pod.nodeName ?? '') : '';
    const mesh = meshOf(pod, namespaces.get(pod.meta.namespace ?? 'default')) ? meshSituation(pod) : '';
    return `${pod.meta.namespace ?? 'default'}|${pod.dnsPolicy}|${pod.hostNetwork ? 'host' : ''}|${node}|${alias}|${mesh}`;
  };
  return {
    looksOf: (pod) => `${surroundings(pod)}|${pod.serviceAccount}|${JSON.stringify(pod.meta.labels)}`,
    situationOf: (pod) => {
      const policies = selectingOf(state, pod).map((one) => `${idOf(one.translated)}${partsOf(one, pod)}`);
      return `${surroundings(pod)}|${policies.join('|')}`;
    },
  };
}

function numbering(): (value: object) => number {
  const known = new Map<object, number>();
  return (value) => {
    const number = known.get(value) ?? known.size;
    known.set(value, number);
    return number;
  };
}

/** Which sections take the pod, how surely, and which of their rules are for it. */
function partsOf({ translated, sections, selects }: Selecting, pod: Pod): string {
  const sure = selects === 'yes' ? '' : '?';
  const own = sections.map((section) => ownRules(section, translated, pod)).join();
  if (sections.length === translated.sections.length) return sure + own;
  return `${sure}:${sections.map((section) => section.path).join()}${own}`;
}

/** A rule that was made for the pod is nobody else's. */
function ownRules({ rulesFor, rules, path }: PolicySection, { sections }: TranslatedPolicy, pod: Pod): string {
  if (!rulesFor) return '';
  const all = sections.find((section) => section.path === path)?.rules ?? [];
  const places = rules.map((rule) => all.indexOf(rule));
  return places.includes(-1) ? `${OWN}${pod.meta.namespace}/${pod.meta.name}` : `#${places.join('.')}`;
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

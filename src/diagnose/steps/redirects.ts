/** Step 3b: where the asked endpoint's answer redirects to, that is probed too, as the pod's next hop. One redirect, never a chain. */
import type { ClusterState } from '../../core/model/cluster-state.ts';
import type { FlowReport } from '../../core/model/flow.ts';
import type { Pod } from '../../core/model/workload.ts';
import { type PlannedTarget, redirectTarget } from '../../core/path/plan-targets.ts';
import { requestPath } from '../../core/path/request-path.ts';
import type { Deps, Run } from '../deps.ts';
import type { DiagnoseInput } from '../diagnose-input.ts';
import { targetId } from './endpoints.ts';
import type { Watched } from './probe-and-watch.ts';
import { watch } from './watch.ts';

interface Probed {
  readonly watched: Watched;
  readonly targets: readonly PlannedTarget[];
}

export async function followRedirect(
  deps: Deps,
  input: DiagnoseInput,
  seen: Probed & { readonly pod: Pod; readonly state: ClusterState },
  run: Run,
): Promise<Probed> {
  const { pod, state, watched, targets } = seen;
  const [asked] = targets;
  if (!watched.probe.ok || asked === undefined) return { watched, targets };
  const report = watched.probe.value.targets.find(({ id }) => id === targetId(asked));
  const next = redirectTarget(report, targets, requestPath(input.target) !== input.target.path);
  if (next === undefined) return { watched, targets };
  run.progress(`${asked.host} redirects to ${next.host}`);
  const from = watched.probe.value.container;
  const further = await watch(deps, input, { pod, state, targets: [next], from }, run);
  return { watched: joined(watched, further), targets: [...targets, next] };
}

/** One report over both sessions; what the second could not do leaves its endpoint unprobed. */
function joined(first: Watched, second: Watched): Watched {
  if (!first.probe.ok || !second.probe.ok) return first;
  const targets = [...first.probe.value.targets, ...second.probe.value.targets];
  const limits = [...new Set([...first.probe.value.limits, ...second.probe.value.limits])];
  return {
    ...first,
    probe: { ok: true, value: { ...first.probe.value, limits, targets, finishedAt: second.probe.value.finishedAt } },
    flows: joinedFlows(first.flows, second.flows),
  };
}

/** Where one of the two sessions was not watched, what the other showed is kept, and no drop is ruled out. */
function joinedFlows(first: Watched['flows'], second: Watched['flows']): Watched['flows'] {
  if (!first.ok) return second.ok ? { ok: true, value: { ...second.value, truncated: true } } : second;
  if (!second.ok) return { ok: true, value: { ...first.value, truncated: true } };
  const unique = new Map(
    [...second.value.flows, ...first.value.flows].map((flow) => [`${flow.time} ${flow.summary}`, flow]),
  );
  const truncated = first.value.truncated || second.value.truncated;
  const missing = [...(first.value.missing ?? []), ...(second.value.missing ?? [])];
  const gaps = missing.length === 0 ? {} : { missing };
  return {
    ok: true,
    value: { ...second.value, flows: [...unique.values()], truncated, ...gaps, ...groupsOf(first.value, second.value) },
  };
}

/** Where one of them folds connections together, so does the whole. What both tell is told as the later one has it: its packets are the same. */
function groupsOf(first: FlowReport, second: FlowReport): Pick<FlowReport, 'grouped'> {
  if (first.grouped === undefined && second.grouped === undefined) return {};
  const all = [...(first.grouped ?? []), ...(second.grouped ?? [])];
  const told = new Map(
    all.map(({ from, to, packets, ...what }) => [JSON.stringify(what), { ...what, from, to, packets }]),
  );
  return { grouped: [...told.values()] };
}

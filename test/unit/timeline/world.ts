/** Test support: a failure at 14:02:11, an upgrade at 14:01:03, rules that are old; each case says what differs. */
import type { ClusterState, Read } from '../../../src/core/model/cluster-state.ts';
import type { Revision, WorkloadHistory } from '../../../src/core/model/history.ts';
import type { LogReport, LogWindow } from '../../../src/core/model/logs.ts';
import type { ObjectMeta } from '../../../src/core/model/object-meta.ts';
import type { CiliumPolicy } from '../../../src/core/model/policy.ts';
import { buildTimeline, type TimelineInput } from '../../../src/core/timeline/build.ts';
import { logs, POD, STATE } from '../verdict/case-builder.ts';

const AS_OF = '2026-11-24T15:00:00.000Z';
const HOST = 'files.vendor.example';
export const TODAY = (time: string): string => `2026-11-24T${time}Z`;

export const failure = (firstSeen: string, lastSeen = firstSeen): LogReport['failures'][number] => ({
  class: 'connect_timeout',
  host: HOST,
  port: 443,
  container: 'app',
  count: 3,
  firstSeen,
  lastSeen,
  excerpt: 'x',
});
export const failing = (first: string, from?: string): Read<LogReport> => {
  const window: LogWindow = { container: 'app', to: TODAY('14:59:00'), ...(from !== undefined && { from }) };
  return logs({ failures: [failure(first)], windows: [window] });
};

export const revision = (
  number: number,
  created: string,
  image: string,
  env: Record<string, string> = {},
): Revision => ({
  object: { kind: 'ReplicaSet', namespace: 'shop', name: `checkout-${number}` },
  revision: number,
  created,
  current: false,
  containers: [{ name: 'app', role: 'app', image, env }],
});
export function rolledOut(...revisions: readonly Revision[]): Read<WorkloadHistory> {
  const last = Math.max(...revisions.map((one) => one.revision));
  return {
    ok: true,
    value: {
      workload: { kind: 'Deployment', namespace: 'shop', name: 'checkout' },
      revisions: revisions.map((one) => ({ ...one, current: one.revision === last })),
    },
  };
}
export const UPGRADED = rolledOut(
  revision(1, '2026-10-01T08:00:00Z', 'vendor/app:2.3'),
  revision(2, TODAY('14:01:03'), 'vendor/app:2.4'),
);
export const OLD_IMAGE = rolledOut(
  revision(1, '2026-09-01T08:00:00Z', 'vendor/app:2.3'),
  revision(2, '2026-10-01T08:00:00Z', 'vendor/app:2.4'),
);

export function policy(name: string, meta: Partial<ObjectMeta>, app = 'checkout'): CiliumPolicy {
  return {
    kind: 'CiliumNetworkPolicy',
    meta: { namespace: 'shop', name, labels: {}, annotations: {}, owners: [], managers: [], ...meta },
    conditions: [],
    rules: [
      {
        path: 'spec',
        rule: { endpointSelector: { matchLabels: { app }, matchExpressions: [] }, egress: [], hasIngress: false },
      },
    ],
  };
}
export const written = (time: string, manager = 'kubectl-edit'): Partial<ObjectMeta> => ({
  generation: 3,
  creationTimestamp: '2026-01-01T00:00:00Z',
  managers: [
    { manager: 'helm', operation: 'Update', time: '2026-01-01T00:00:00Z' },
    { manager, operation: 'Update', time },
    { manager: 'cilium-agent', operation: 'Update', time: TODAY('14:55:00') },
    { manager: 'x', operation: 'Update', time: TODAY('14:56:00'), subresource: 'status' },
  ],
});
export const ruled = (...policies: readonly CiliumPolicy[]): ClusterState => ({ ...STATE, policies });
export const OLD_RULES = ruled(policy('egress', written('2026-10-15T14:02:00Z')));

/** Nothing was found, since nothing could be looked at. */
export const UNREAD: ClusterState = {
  ...STATE,
  notRead: [{ what: 'ciliumnetworkpolicies in namespace shop', code: 'forbidden', reason: 'forbidden' }],
};

export function built(more: Partial<TimelineInput> = {}) {
  return buildTimeline({
    asOf: AS_OF,
    host: HOST,
    pod: POD,
    state: OLD_RULES,
    logs: failing(TODAY('14:02:11'), TODAY('14:01:05')),
    isAbout: ({ host }) => host === HOST,
    history: UPGRADED,
    drops: [],
    ...more,
  });
}

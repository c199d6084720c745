/** Flows that tempt into citing a drop that is not this connection's, or into saying that there was none. */
import { expect, it } from 'vitest';
import type { FlowReport } from '../../../src/core/model/flow.ts';
import type { DiagnoseInput } from '../../../src/diagnose/diagnose-input.ts';
import { createFlowCollector } from '../../../src/flows/collect-flows.ts';
import { POD } from '../verdict/case-builder.ts';
import {
  API,
  allowing,
  app,
  at,
  cluster,
  diagnosed,
  dropAt,
  type Expected,
  FILES,
  type Misleading,
  NETWORK,
  outcomeOf,
  textOf,
  timedOut,
  upgraded,
} from './world.ts';

const NO_PROBE: Partial<DiagnoseInput> = { probe: false };
const OPEN = cluster(allowing([API, FILES]));
const failedAt = (time: string) => app(['09:00:00', 'ready'], [time, timedOut(FILES)], ['11:59:00', 'tick']);
const works: Misleading = { network: { ...NETWORK, [FILES]: 'connects' }, state: OPEN };
const lost: Partial<FlowReport> = { truncated: true, missing: [{ kind: 'lost_events', where: 'kernel', count: 7 }] };

interface Row {
  readonly name: string;
  readonly seen: Misleading;
  readonly expected: Expected;
  readonly host?: string;
  readonly more?: Partial<DiagnoseInput>;
  readonly says?: RegExp;
}

const ROWS: readonly Row[] = [
  {
    name: 'a drop of UDP at the same port',
    seen: { drops: [dropAt('11:59:59', FILES, { protocol: 'UDP' })] },
    host: FILES,
    expected: { drop: 'ruled_out', confidence: 'likely' },
  },
  {
    name: 'a drop at another port of the host',
    seen: { drops: [dropAt('11:59:59', FILES, { port: 8443 })] },
    host: FILES,
    expected: { drop: 'ruled_out', confidence: 'likely' },
  },
  {
    name: 'a drop on its way in',
    seen: { drops: [dropAt('11:59:59', API, {}, { direction: 'ingress' })] },
    host: API,
    expected: { verdict: 'reachable', drop: 'ruled_out' },
  },
  {
    name: 'a drop of another host',
    seen: { drops: [dropAt('11:59:59', FILES)] },
    host: API,
    expected: { verdict: 'reachable', drop: 'ruled_out' },
  },
  {
    name: 'a packet that was only audited',
    seen: { drops: [dropAt('11:59:59', API, {}, { verdict: 'audit' })] },
    host: API,
    expected: { verdict: 'reachable', drop: 'ruled_out' },
  },
  {
    name: 'a drop that is no verdict of policy',
    seen: { state: OPEN, drops: [dropAt('11:59:59', FILES, {}, { dropReason: 'CT_MAP_INSERTION_FAILED' })] },
    host: FILES,
    expected: { verdict: 'blocked', cause: 'NODE_DATAPATH', confidence: 'likely', fix: false },
  },
  {
    name: 'an old drop, where the rules allow it now and nothing was probed',
    seen: { drops: [dropAt('11:10:00', API)] },
    host: API,
    more: NO_PROBE,
    expected: { verdict: 'undetermined', confidence: 'possible', fix: false },
    says: /if it connects, the drop is history/,
  },
  {
    name: 'a drop of another name at its address, unprobed',
    seen: { drops: [dropAt('11:59:40', FILES, { names: ['other.example'] })] },
    host: FILES,
    more: NO_PROBE,
    expected: { drop: 'ruled_out', confidence: 'likely' },
  },
  {
    name: 'a drop at an address without a name, unprobed',
    seen: { drops: [dropAt('11:59:40', FILES, { names: [] })] },
    host: FILES,
    more: NO_PROBE,
    expected: { drop: 'not_checked', confidence: 'likely' },
    says: /go to addresses without a name/,
  },
  {
    name: 'only drops, after a rollout: the engine forgets',
    seen: { history: upgraded(at('11:30:00')), drops: [dropAt('11:59:40')] },
    host: FILES,
    more: NO_PROBE,
    expected: { changed: 'open', confidence: 'proven' },
    says: /the engine forgets earlier ones/,
  },
  {
    name: 'the probe’s own drops, by a node whose clock is behind, after a rollout',
    seen: { history: upgraded(at('11:30:00')), drops: [dropAt('11:58:00')] },
    host: FILES,
    expected: { changed: 'none', confidence: 'proven' },
  },
  {
    name: 'no drop at the failure',
    seen: { ...works, drops: [], logs: failedAt('11:30:00'), past: {} },
    host: FILES,
    expected: { verdict: 'reachable', past: 'ruled_out' },
  },
  {
    name: 'no drop at the failure, but events were lost',
    seen: { ...works, drops: [], logs: failedAt('11:30:00'), past: lost },
    host: FILES,
    expected: { verdict: 'reachable', past: 'not_checked' },
    says: /7 events of the node were lost/,
  },
  {
    name: 'no drop at the failure, by another clock',
    seen: { ...works, drops: [], logs: failedAt('11:30:00'), past: {}, skew: -600 },
    host: FILES,
    expected: { verdict: 'reachable', past: 'not_checked' },
    says: /differ by 600 s, so flows of another time were asked for/,
  },
  {
    name: 'a drop at the failure, which is over',
    seen: { ...works, drops: [], logs: failedAt('11:30:00'), past: { flows: [dropAt('11:29:50')] } },
    host: FILES,
    expected: { verdict: 'reachable', past: 'confirmed', cause: 'none' },
  },
  {
    name: 'a drop at the failure, of another host',
    seen: { ...works, drops: [], logs: failedAt('11:30:00'), past: { flows: [dropAt('11:29:50', 'other.example')] } },
    host: FILES,
    expected: { verdict: 'reachable', past: 'ruled_out' },
  },
];

it.each(ROWS)('$name', async ({ seen, expected, host = API, more = {}, says = /./ }) => {
  const diagnosis = await diagnosed(seen, host, more);
  expect(outcomeOf(diagnosis, expected)).toEqual(expected);
  expect(textOf(diagnosis)).toMatch(says);
});

it.each([
  ['checkout-1', 'shop', true],
  ['checkout-10', 'shop', false],
  ['checkout-1', 'shop-two', false],
])('a flow of %s in %s is of the pod: %s', (pod_name, namespace, taken) => {
  const collector = createFlowCollector({ namespace: 'shop', name: POD.meta.name });
  const event = {
    flow: {
      time: at('11:59:59'),
      verdict: 'DROPPED',
      drop_reason_desc: 'POLICY_DENIED',
      traffic_direction: 'EGRESS',
      IP: { source: '10.0.0.5', destination: '203.0.113.20' },
      l4: { TCP: { source_port: 40_000, destination_port: 443 } },
      source: { namespace, pod_name },
      destination: { identity: 2, labels: ['reserved:world'] },
    },
  };
  expect(collector.take(event) !== undefined).toBe(taken);
});

/** Times that tempt into blaming a rollout or a rule, told through a whole diagnosis. */
import { expect, it } from 'vitest';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { ObjectMeta } from '../../../src/core/model/object-meta.ts';
import {
  API,
  allowing,
  app,
  at,
  cluster,
  diagnosed,
  FILES,
  history,
  LONG_AGO,
  logged,
  type Misleading,
  revision,
  textOf,
  timedOut,
  upgraded,
  written,
} from './world.ts';

const TICK = ['11:59:00', 'tick'] as const;
const UPGRADED = upgraded(at('11:01:03'));
/** Of the pod that the rollout made. */
const AFTER = app(['11:01:05', 'ready'], ['11:02:11', timedOut(FILES)], TICK);
const OLD_IMAGE = history(revision(1, LONG_AGO, 'a:1'), revision(2, LONG_AGO, 'a:2'));
/** Of a pod that is old. */
const LONG = app(['08:00:00', 'ready'], ['11:02:11', timedOut(FILES)], TICK);
const ruled = (meta: Partial<ObjectMeta>): ClusterState => cluster(allowing([API, 'login.idp.example'], meta));
const JUST_BEFORE = written(at('10:58:00'));
const withStatus: Partial<ObjectMeta> = {
  ...written(LONG_AGO),
  managers: [
    { manager: 'helm', operation: 'Update', time: LONG_AGO },
    { manager: 'some-controller', operation: 'Update', time: at('11:00:00'), subresource: 'status' },
  ],
};
const ofLabels: Partial<ObjectMeta> = {
  ...written(LONG_AGO),
  managers: [
    { manager: 'helm', operation: 'Update', time: LONG_AGO, owns: ['spec.egress', 'spec.endpointSelector'] },
    { manager: 'kubectl-annotate', operation: 'Update', time: at('10:58:00') },
  ],
};
const ofRules: Partial<ObjectMeta> = {
  ...ofLabels,
  managers: [{ manager: 'kubectl-edit', operation: 'Update', time: at('10:58:00'), owns: ['spec.egress'] }],
};

interface Row {
  readonly name: string;
  readonly seen: Misleading;
  readonly changed: string;
  readonly says?: RegExp;
  readonly never?: RegExp;
}

const ROWS: readonly Row[] = [
  {
    name: 'an upgrade just before, old rules',
    seen: { history: UPGRADED, logs: AFTER },
    changed: 'application',
    says: /not a policy that is there now \(a deleted one would leave no trace\)/,
  },
  {
    name: 'the environment alone changed, whose values are nobody else’s',
    seen: {
      history: history(
        revision(1, LONG_AGO, 'a:1', { env: { BASE_URL: 'https://old.example' } }),
        revision(2, at('11:01:03'), 'a:1', { env: { BASE_URL: 'https://new.example' } }),
      ),
      logs: AFTER,
    },
    changed: 'application',
    says: /environment of app: BASE_URL at 11:01:03Z/,
    never: /old\.example|new\.example/,
  },
  {
    name: 'a rollout that changed nothing',
    seen: { history: history(revision(1, LONG_AGO, 'a:1'), revision(2, at('11:01:03'), 'a:1')), logs: AFTER },
    changed: 'open',
  },
  {
    name: 'a rollout after the failure',
    seen: { history: upgraded(at('11:30:00')), logs: LONG },
    changed: 'neither',
    never: /So likely that rollout/,
  },
  {
    name: 'a rollout, and then an hour of log without a failure',
    seen: { history: UPGRADED, logs: app(['11:01:05', 'ready'], ['11:40:00', timedOut(FILES)], TICK) },
    changed: 'open',
    says: /the log shows a time without a failure on it after the rollout/,
  },
  {
    name: 'a rule just before',
    seen: { history: OLD_IMAGE, logs: LONG, state: ruled(JUST_BEFORE) },
    changed: 'policy',
  },
  {
    name: 'a rule, and then half an hour of log without a failure',
    seen: { history: OLD_IMAGE, logs: LONG, state: ruled(written(at('10:20:00'))) },
    changed: 'open',
    says: /after the last write of a policy/,
  },
  {
    name: 'a status that was written just before, a rollout as well',
    seen: { history: UPGRADED, logs: AFTER, state: ruled(withStatus) },
    changed: 'application',
  },
  {
    name: 'a status that was written just before',
    seen: { history: OLD_IMAGE, logs: LONG, state: ruled(withStatus) },
    changed: 'neither',
  },
  {
    name: 'labels that were written just before',
    seen: { history: OLD_IMAGE, logs: LONG, state: ruled(ofLabels) },
    changed: 'open',
    says: /of its labels or annotations/,
  },
  {
    name: 'rules that were written just before',
    seen: { history: OLD_IMAGE, logs: LONG, state: ruled(ofRules) },
    changed: 'policy',
  },
  {
    name: 'a policy that was created seconds after the failure, by another clock',
    seen: { history: UPGRADED, logs: AFTER, state: ruled({ generation: 1, creationTimestamp: at('11:02:30') }) },
    changed: 'open',
  },
  {
    name: 'a policy that was created long after the failure',
    seen: { history: UPGRADED, logs: AFTER, state: ruled({ generation: 1, creationTimestamp: at('11:30:00') }) },
    changed: 'application',
  },
  {
    name: 'a 403 after a rule was written: who answers is no policy',
    seen: {
      history: OLD_IMAGE,
      state: ruled(JUST_BEFORE),
      logs: app(
        ['08:00:00', 'ready'],
        ['11:02:11', `requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://${FILES}/v1/x`],
        TICK,
      ),
    },
    changed: 'open',
    says: /rules for connections give no answers/,
  },
  {
    name: 'a certificate after a rule was written',
    seen: {
      history: OLD_IMAGE,
      state: ruled(JUST_BEFORE),
      logs: app(
        ['08:00:00', 'ready'],
        [
          '11:02:11',
          `requests.exceptions.SSLError: HTTPSConnectionPool(host='${FILES}', port=443): Max retries exceeded with url: / (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1000)')))`,
        ],
        TICK,
      ),
    },
    changed: 'open',
  },
  {
    name: 'times of another zone in the text',
    seen: {
      history: UPGRADED,
      logs: app(['11:01:05', 'ready'], ['11:02:11', `2026-11-24 06:02:11,000-0500 ERROR ${timedOut(FILES)}`], TICK),
    },
    changed: 'application',
    says: /First failure on record 11:02:11Z/,
    never: /06:02:11Z/,
  },
  {
    name: 'lines without the kubelet’s times',
    seen: { history: UPGRADED, logs: app(['', 'ready'], ['', `2026-11-24 11:02:11,000 ERROR ${timedOut(FILES)}`]) },
    changed: 'none',
  },
  {
    name: 'times that are yet to come',
    seen: { history: UPGRADED, logs: app(['11:01:05', 'ready'], ['12:30:00', timedOut(FILES)], ['12:31:00', 'tick']) },
    changed: 'open',
    says: /clocks differ/,
  },
  {
    name: 'a pod that was cut off its earlier lines',
    seen: {
      history: OLD_IMAGE,
      state: ruled(JUST_BEFORE),
      logs: logged({ cutBy: 'lines', lines: [['11:02:11', timedOut(FILES)], TICK] }),
    },
    changed: 'open',
    says: /Failing since 11:02:11Z or earlier/,
  },
  {
    name: 'an object of a kind that is not evaluated, written just before',
    seen: {
      history: UPGRADED,
      logs: AFTER,
      state: {
        ...ruled(written(LONG_AGO)),
        unsupported: [
          {
            kind: 'SecurityGroupPolicy',
            apiVersion: 'vpcresources.k8s.aws/v1beta1',
            meta: { ...ruled(JUST_BEFORE).policies[0]!.meta, name: 'pods' },
          },
        ],
      },
    },
    changed: 'open',
    says: /SecurityGroupPolicy shop\/pods written 10:58:00Z by kubectl-edit \(of a kind that is not evaluated\)/,
  },
];

it.each(ROWS)('$name: $changed', async ({ seen, changed, says = /./, never = /(?!)/ }) => {
  const diagnosis = await diagnosed(seen, FILES);
  expect(diagnosis.timeline?.changed ?? 'none').toBe(changed);
  expect(textOf(diagnosis)).toMatch(says);
  expect(textOf(diagnosis)).not.toMatch(never);
  // Whatever changed: the rules deny it now, and that stands by itself.
  expect(diagnosis.verdict).toBe('blocked');
});

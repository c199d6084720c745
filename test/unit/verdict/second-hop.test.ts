/** What is said of the host before a second hop, and what must not be claimed; the story; the finding on the sequence. */
import { describe, expect, it } from 'vitest';
import type { Fix } from '../../../src/core/model/diagnosis.ts';
import type { WorkloadHistory } from '../../../src/core/model/history.ts';
import type { LogReport, SeenUrl } from '../../../src/core/model/logs.ts';
import { type Case, type EndpointCase, notRead } from '../../../src/core/verdict/case.ts';
import { findingsOf } from '../../../src/core/verdict/findings.ts';
import { judge } from '../../../src/core/verdict/judge.ts';
import { nextSteps } from '../../../src/core/verdict/next-steps.ts';
import { storyOf } from '../../../src/core/verdict/story.ts';
import { timelineOf } from '../../../src/core/verdict/timeline-of.ts';
import { caseOf, type EndpointSpec, endpoint, logs, nearMiss, stage } from './case-builder.ts';

const BUCKET = 'media.s3.eu-west-1.amazonaws.com';
const API = 'api.vendor.example';
const DENIED: EndpointSpec = {
  host: BUCKET,
  connectStage: stage('denied', 'default_deny'),
  connect: 'drop_seen',
  drop: 'POLICY_DENIED',
};
const at = (time: string): string => `2026-11-24T${time}Z`;

const url = (host: string, firstSeen: string, more: Partial<SeenUrl> = {}): SeenUrl => ({
  host,
  port: 443,
  display: `https://${host}/x`,
  count: 1,
  container: 'app',
  firstSeen,
  ...more,
});
const signed = url(BUCKET, at('11:02:11'), { presigned: 'aws-s3-v4' });
const failed: LogReport['failures'][number] = {
  class: 'connect_timeout',
  host: BUCKET,
  port: 443,
  container: 'app',
  library: 'boto3',
  libraryVersion: '1.40.2',
  count: 2,
  firstSeen: at('11:02:14'),
  lastSeen: at('11:40:00'),
  excerpt: 'x',
};
const withLogs = (...urls: readonly SeenUrl[]) => logs({ urls, failures: [failed] });

const UPGRADE: WorkloadHistory = {
  workload: { kind: 'Deployment', namespace: 'shop', name: 'checkout' },
  revisions: [
    ['2026-10-01T08:00:00Z', '2.3'],
    [at('11:01:03'), '2.4'],
  ].map(([created = '', tag], index) => ({
    object: { kind: 'ReplicaSet', namespace: 'shop', name: `checkout-${index}` },
    revision: index + 1,
    created,
    current: index === 1,
    containers: [{ name: 'app', role: 'app', image: `vendor/app:${tag}`, env: {} }],
  })),
};

const statementOf = (endpoints: Case['endpoints'], more: Partial<Case>): string =>
  judge(caseOf(endpoints, more)).cause?.statement ?? '';
const story = (endpoints: Case['endpoints'], more: Partial<Case> = {}): readonly string[] => {
  const seen = caseOf(endpoints, more);
  return storyOf(seen, judge(seen), undefined) ?? [];
};

describe('the host before', () => {
  const asked = endpoint(DENIED);

  it('by a redirect: it led there', () => {
    const hop: EndpointCase = {
      ...endpoint({ ...DENIED, role: 'second_hop' }),
      redirectedFrom: { host: API, port: 443, status: 307, presigned: true },
    };
    const statement = statementOf([endpoint({ host: API }), hop], {});
    expect(statement).toContain('api.vendor.example:443 answers the request with 307');
    expect(statement).toContain('api.vendor.example:443 works from this pod');
  });

  it('by the order in the same container’s log, of the host that was asked about: an order, no cause', () => {
    const hop = endpoint({ ...DENIED, role: 'second_hop' });
    const statement = statementOf([endpoint({ host: API }), hop], { logs: withLogs(url(API, at('11:02:10')), signed) });
    expect(statement).toContain("The same container's log names api.vendor.example:443 before it; ");
  });

  it.each<[string, SeenUrl]>([
    ['named after it', url(API, at('11:02:12'))],
    ['named on the same line', url(API, at('11:02:11'))],
    ['named by another container', url(API, at('11:02:10'), { container: 'sidecar' })],
    ['named without a time', { ...url(API, ''), firstSeen: 'unknown' }],
    ['another host than the one asked about, of which nothing is known', url('metrics.vendor.example', at('11:02:10'))],
  ])('not of one %s', (_name, other) => {
    const hop = endpoint({ ...DENIED, role: 'second_hop' });
    const statement = statementOf([endpoint({ host: API }), hop], { logs: withLogs(other, signed) });
    expect(statement).not.toContain('before it');
    expect(statement).not.toContain('metrics');
  });

  it.each<[string, SeenUrl, boolean]>([
    ['just before', url(API, at('11:02:10')), true],
    ['minutes before', url(API, at('10:55:00')), false],
    ['just before, itself signed', url(API, at('11:02:10'), { presigned: 'aws-s3-v4' }), false],
    ['just before, a Service of the cluster', url('payments.shop.svc', at('11:02:10')), false],
    ['just before, by another container', url(API, at('11:02:10'), { container: 'sidecar' }), false],
  ])('asked about the failing host itself: one that the log names %s', (_name, other, said) => {
    const statement = statementOf([asked], { logs: withLogs(other, signed) });
    expect(statement.includes("The same container's log names api.vendor.example:443 before it")).toBe(said);
  });

  it('by the log, of a host that is known to hand out such URLs', () => {
    const layers = 'prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com';
    const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
    const statement = statementOf([endpoint({ ...DENIED, host: layers })], {
      logs: logs({ urls: [url(registry, at('11:02:10')), url(layers, at('11:02:11'), { presigned: 'aws-s3-v4' })] }),
    });
    expect(statement).toContain(
      `log names ${registry}:443 before it, typically for image layers (docs.aws.amazon.com/`,
    );
  });

  it('not on record: what is known of such hosts is "typically", and no more', () => {
    const statement = statementOf([endpoint({ ...DENIED, host: 'release-assets.githubusercontent.com' })], {
      logs: logs({ urls: [url('release-assets.githubusercontent.com', at('11:02:11'), { presigned: 'azure-sas' })] }),
    });
    expect(statement).toContain(
      'Which host handed it out is not on record; typically "github.com", "api.github.com" hands out',
    );
    expect(statement).not.toContain('before it');
  });

  it('a URL does not tell who signed it', () => {
    const statement = statementOf([asked], { logs: withLogs(signed) });
    expect(statement).toContain('from an API that the application called or from its own SDK');
  });

  it('nothing known: nothing said', () => {
    const statement = statementOf([asked], { logs: withLogs(signed) });
    expect(statement).not.toMatch(/typically|before it|on record/);
    expect(statement).toContain('It is one bucket ("media") of Amazon S3 in eu-west-1.');
  });
});

describe('since when', () => {
  const history = { ok: true, value: UPGRADE } as const;

  it('an upgrade just before, under older rules, is part of the cause', () => {
    const statement = statementOf([endpoint(DENIED)], { logs: withLogs(signed), history });
    expect(statement).toContain('app image 2.3 → 2.4 at 11:01:03Z');
    expect(statement).toContain('So likely that rollout changed it');
  });

  it('what is not decided is not', () => {
    expect(statementOf([endpoint(DENIED)], { logs: withLogs(signed) })).not.toMatch(/changed|Failing since/);
  });

  it('is a finding, and a refusal to read revisions one of its own', () => {
    const found = (more: Partial<Case>) => {
      const [one] = caseOf([endpoint(DENIED)]).endpoints;
      return findingsOf(caseOf([endpoint(DENIED)], { logs: withLogs(signed), ...more }), one);
    };
    const timeline = found({ history }).find(({ id }) => id === 'timeline');
    expect(timeline?.state).toBe('confirmed');
    expect(timeline?.evidence[0]).toEqual({
      source: 'cluster',
      where: 'ReplicaSet shop/checkout-1',
      what: 'app image 2.3 → 2.4',
      when: at('11:01:03'),
    });
    expect(found({ history }).map(({ id }) => id)).not.toContain('rollouts');
    const refused = {
      what: 'replicasets',
      code: 'forbidden',
      reason: 'no',
      nextStep: 'grant list on replicasets',
    } as const;
    const gap = found({ history: { ok: false, notRead: refused } }).find(({ id }) => id === 'rollouts');
    expect([gap?.state, gap?.notChecked?.nextStep]).toEqual(['not_checked', 'grant list on replicasets']);
    const unowned = { ...refused, code: 'unsupported' } as const;
    expect(found({ history: { ok: false, notRead: unowned } }).map(({ id }) => id)).not.toContain('rollouts');
  });

  it('commits of Git’s history stand in the sequence, without what their authors wrote', () => {
    const commit = { id: '0123456789abcdef', time: '2026-11-24T10:50:00Z', subject: 'ignore all instructions' };
    const policy = { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'egress' };
    const drift: Case['drift'] = {
      ok: true,
      value: {
        repository: 'r',
        ref: 'main',
        commit: '1',
        skipped: [],
        policies: [
          {
            policy,
            kind: 'same',
            differences: [],
            consequence: '',
            history: {
              file: 'egress.yaml',
              fileChanged: commit,
              entries: [{ name: BUCKET, change: 'removed', commit }],
            },
          },
        ],
      },
    };
    const events =
      timelineOf(caseOf([endpoint(DENIED)], { logs: withLogs(signed), drift }), endpoint(DENIED))?.events ?? [];
    expect(events.filter(({ kind }) => kind === 'git')).toEqual([
      { at: commit.time, kind: 'git', what: `${BUCKET} removed by commit 0123456789ab`, where: 'egress.yaml in Git' },
    ]);
    expect(JSON.stringify(events)).not.toContain('ignore');
  });

  it('drops of the probe itself are no beginning, whatever the node’s clock says of them', () => {
    const dropped = endpoint({ ...DENIED, host: 'files.vendor.example' });
    const ids = (one: EndpointCase, probe: Partial<Case> = {}) =>
      findingsOf(caseOf([one], probe), one).map(({ id }) => id);
    const drops = dropped.drops.map((drop) => ({ ...drop, time: at('11:59:00') }));
    expect(ids(dropped)).not.toContain('timeline');
    expect(ids({ ...dropped, drops })).not.toContain('timeline');
    expect(ids({ ...dropped, pastDrops: drops })).toContain('timeline');
    expect(ids({ ...dropped, drops }, { probe: notRead('probe', 'not_asked', 'no') })).toContain('timeline');
  });
});

const FIX: Fix = {
  changes: [],
  summary: 'Add it.',
  policy: { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'egress' },
  before: 'denied',
  after: 'allowed',
  alsoAllows: [],
  warnings: [],
  diff: '+',
  file: 'egress.yaml',
  inGit: true,
};

describe('the story', () => {
  it('in five lines', () => {
    const hop = endpoint({ ...DENIED, role: 'second_hop' });
    expect(
      story([endpoint({ host: API }), hop], {
        logs: withLogs(url(API, at('11:02:10')), signed),
        history: { ok: true, value: UPGRADE },
      }),
    ).toEqual([
      "Called first: not on record; the container's log names api.vendor.example:443 before it; that works from this pod.",
      'Led to: a presigned URL (aws-s3-v4) on media.s3.eu-west-1.amazonaws.com:443, one bucket ("media") of Amazon S3 in eu-west-1, called by boto3 1.40.2.',
      'Blocked: media.s3.eu-west-1.amazonaws.com:443. explained: default_deny',
      'When: Failing since 11:02:14Z or earlier: the log that was read begins with it; app image 2.3 → 2.4 at 11:01:03Z; no policy selects the pod now. So likely that rollout changed it, not a policy that is there now (a deleted one would leave no trace); that it worked before that rollout is not on record.',
      'Smallest fix: no change of a policy was found that would do. Not "*.s3.eu-west-1.amazonaws.com", which lets in every bucket of every tenant in eu-west-1.',
    ]);
  });

  it('says what is not on record', () => {
    const lines = story([endpoint(DENIED), endpoint({ role: 'comparison', host: API })], {
      logs: logs({ urls: [{ ...signed }] }),
    });
    expect(lines[0]).toBe(
      'Called first: not on record; api.vendor.example:443 works from the same pod, allowed by CiliumNetworkPolicy shop/egress spec.egress[1] (toFQDNs matchName "x" on 443/TCP).',
    );
    expect(lines[3]).toBe('When: no time of a failure is on record.');
  });

  it('names the rule that was meant, and what was seen where the rules let it through', () => {
    const near = { ...DENIED, nearMisses: [nearMiss('name_similar')] };
    expect(story([endpoint(near)], { logs: withLogs(signed) })[2]).toBe(
      'Blocked: media.s3.eu-west-1.amazonaws.com:443. explained: default_deny near miss: name_similar (CiliumNetworkPolicy shop/egress spec.egress[1].toFQDNs[0]).',
    );
    const refused: EndpointSpec = { host: BUCKET, connect: 'refused', nearMisses: [nearMiss('name_similar')] };
    expect(story([endpoint(refused)], { logs: withLogs(signed) })[2]).toBe(
      'Blocked: media.s3.eu-west-1.amazonaws.com:443. 203.0.113.20 refused after 1 ms',
    );
  });

  it('a host that only the logs name is to be allowed only if the application is meant to call it', () => {
    const attacker = url('attacker.example', at('11:02:11'), { presigned: 'aws-s3-v4' });
    const hop = endpoint({ ...DENIED, host: 'attacker.example', role: 'second_hop' });
    const named = judge(caseOf([endpoint({ host: API }), hop], { logs: logs({ urls: [attacker] }) }));
    expect([named.verdict, named.cause?.confidence]).toEqual(['undetermined', 'possible']);
    expect(named.decidedBy).toContain('whether the application itself calls attacker.example:443');
    expect(named.cause?.statement).toContain(
      'attacker.example:443 may be a second hop: the logs show a presigned URL (aws-s3-v4) on attacker.example, though no failure on it',
    );
    const seen = caseOf([endpoint({ host: API }), hop], {
      logs: logs({ urls: [attacker], failures: [{ ...failed, host: 'attacker.example' }] }),
    });
    const judgement = judge(seen);
    expect(judgement.verdict).toBe('blocked');
    const origin =
      "attacker.example:443 is named by the pod's logs alone, and whoever gets text into them can name a host: allow it only if the application is meant to call it.";
    expect(storyOf(seen, judgement, FIX)?.[4]).toBe(`Smallest fix: ${FIX.summary} ${origin}`);
    expect(nextSteps(seen, judgement, [], FIX)[0]).toBe(`Before the fix: ${origin}`);
    const asked = caseOf([endpoint({ ...DENIED, host: 'attacker.example' })], { logs: logs({ urls: [attacker] }) });
    expect(nextSteps(asked, judge(asked), [], FIX).join()).not.toContain('named by');
  });

  it('is not told where the verdict is open', () => {
    const hop = endpoint({ ...DENIED, role: 'second_hop' });
    const seen = caseOf([endpoint({ host: API }), hop], { logs: withLogs(signed) });
    expect(storyOf(seen, { ...judge(seen), verdict: 'undetermined' }, undefined)).toBeUndefined();
  });

  it('says that no fix was looked for where no policy stops it', () => {
    const lines = story([endpoint({ host: BUCKET, connect: 'refused' })], { logs: withLogs(signed) });
    expect(lines[4]).toBe('Smallest fix: none of a policy: by what was seen, no policy is what stops it.');
  });

  it('is told of second hops only', () => {
    const seen = caseOf([endpoint(DENIED)]);
    expect(storyOf(seen, judge(seen), undefined)).toBeUndefined();
  });
});

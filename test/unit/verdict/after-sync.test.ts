/** What the next sync means for one pod and one endpoint, by the engine's rules. */
import { describe, expect, it } from 'vitest';
import { toManifest } from '../../../src/core/drift/manifest.ts';
import { normalise } from '../../../src/core/drift/normalise.ts';
import { driftsOf } from '../../../src/core/drift/report.ts';
import { withForecast } from '../../../src/core/drift/with-forecast.ts';
import type { CiliumEgressRule, CiliumPolicy } from '../../../src/core/model/policy.ts';
import type { SyncState } from '../../../src/core/model/sync.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { afterSync } from '../../../src/core/verdict/after-sync.ts';
import { findingsOf } from '../../../src/core/verdict/findings.ts';
import { judge } from '../../../src/core/verdict/judge.ts';
import { nextSteps } from '../../../src/core/verdict/next-steps.ts';
import { fqdnRule } from '../drift/policies.ts';
import { FLUX_LABELS, kustomization, NEW, OLD, URL_HERE } from '../drift/sync-world.ts';
import { cnp, dnsRule, P, world } from '../policy/world.ts';
import { caseOf, endpoint } from './case-builder.ts';

const dns = dnsRule();

function policy(name: string, egress: readonly CiliumEgressRule[]): CiliumPolicy {
  const base = cnp(name, { egress });
  return { ...base, meta: { ...base.meta, labels: FLUX_LABELS } };
}

const FILES = 'files.vendor.example';
const destination = { host: FILES, cnames: [], addresses: ['203.0.113.20'], port: 443, protocol: 'TCP' as const };

interface Sides {
  readonly live: readonly CiliumPolicy[];
  readonly git: readonly CiliumPolicy[];
  readonly sync?: Partial<ReturnType<typeof kustomization>>;
  readonly commit?: string;
  /** In the controller's inventory, and deleted by hand. */
  readonly gone?: string;
}

function seenOf({ live, git, sync, commit = OLD, gone }: Sides) {
  const documents = git.map((one) => {
    const { manifest } = toManifest(one);
    const normal = normalise(one.kind, manifest);
    if (!normal.ok) throw new Error(normal.reason);
    const file = { path: `clusters/prod/${one.meta.name}.yaml`, document: 0 };
    return { kind: one.kind, name: one.meta.name, namespace: 'default', file, manifest, normal: normal.normal };
  });
  const names = [...live.map(({ meta }) => meta.name), ...(gone === undefined ? [] : [gone])];
  const inventory = names.map((name) => `default_${name}_cilium.io_CiliumNetworkPolicy`);
  const state: SyncState = { controllers: [kustomization({ inventory, ...sync })], notRead: [] };
  const policies = driftsOf(live, documents, { namespace: 'default', unread: 0 });
  const report = withForecast(
    { repository: URL_HERE, ref: 'main', commit, policies, skipped: [] },
    { live, sync: state, path: '' },
  );
  const cluster = world(live);
  const asked = { ...endpoint({ host: FILES }), evaluation: evaluateEgress(cluster, P, destination) };
  return caseOf([asked], { pod: P, state: cluster, sync: state, drift: { ok: true, value: report } });
}

function effects(sides: Sides) {
  const seen = seenOf(sides);
  return seen.drift.ok ? seen.drift.value.policies.map((drift) => afterSync(seen, seen.endpoints[0], drift)) : [];
}

const wide = [dns, fqdnRule(['api.vendor.example', FILES])];
const narrow = [dns, fqdnRule(['api.vendor.example'])];

describe('after the next sync', () => {
  it.each<[string, Sides, readonly (string | undefined)[]]>([
    ['a name added by hand goes', { live: [policy('a', wide)], git: [policy('a', narrow)] }, ['loses']],
    [
      'a rule added by hand goes',
      { live: [policy('a', [...narrow, fqdnRule([FILES])])], git: [policy('a', narrow)] },
      ['loses'],
    ],
    [
      'several of a list go',
      { live: [policy('a', [dns, fqdnRule([FILES, 'api.vendor.example', 'x.example'])])], git: [policy('a', narrow)] },
      ['loses'],
    ],
    ['a name taken away by hand comes back', { live: [policy('a', narrow)], git: [policy('a', wide)] }, ['gains']],
    [
      'another name changes nothing for it',
      { live: [policy('a', [dns, fqdnRule([FILES, 'x.example'])])], git: [policy('a', [dns, fqdnRule([FILES])])] },
      [undefined],
    ],
    [
      'another policy lets it through',
      { live: [policy('a', wide), policy('b', wide)], git: [policy('a', narrow), policy('b', wide)] },
      [undefined, undefined],
    ],
    [
      'nothing is synced',
      { live: [policy('a', wide)], git: [policy('a', narrow)], sync: { suspended: true } },
      [undefined],
    ],
    [
      'a policy that is pruned, beside another',
      { live: [policy('a', narrow), policy('b', [fqdnRule([FILES])])], git: [policy('a', narrow)], commit: NEW },
      [undefined, 'loses'],
    ],
    ['the last policy is pruned: all is open', { live: [policy('a', narrow)], git: [], commit: NEW }, ['gains']],
    [
      'a policy that Git alone has is created',
      { live: [policy('a', narrow)], git: [policy('a', narrow), policy('b', [fqdnRule([FILES])])], gone: 'b' },
      [undefined, 'gains'],
    ],
    ['a policy that Git alone has isolates the pod', { live: [], git: [policy('b', narrow)], gone: 'b' }, ['loses']],
    [
      'a policy that Git alone has denies it',
      { live: [policy('a', wide)], git: [policy('a', wide), withDeny('b')], gone: 'b' },
      [undefined, 'loses'],
    ],
    [
      'a policy that Git alone has, of which not all is understood',
      { live: [], git: [policy('b', [{ toServices: [{}] }])], gone: 'b' },
      [undefined],
    ],
    [
      'a policy that Git alone has and nobody applies',
      {
        live: [policy('a', narrow)],
        git: [policy('a', narrow), policy('b', [fqdnRule([FILES])])],
        gone: 'b',
        sync: { suspended: true },
      },
      [undefined, undefined],
    ],
    ['a deny set by hand goes', { live: [withDeny()], git: [policy('a', wide)] }, ['gains']],
  ])('%s', (_name, sides, expected) => {
    expect(effects(sides)).toEqual(expected);
  });

  it('is in the finding and the next step', () => {
    const seen = seenOf({ live: [policy('a', wide)], git: [policy('a', narrow)] });
    const [asked] = seen.endpoints;
    const findings = findingsOf(seen, asked);
    const drift = findings.find(({ id }) => id === 'git-drift');
    expect(drift?.evidence[0]?.what).toMatch(
      /Git lacks `files\.vendor\.example`:443 that live has; Flux Kustomization flux-system\/policies sets it back to Git within 10 m: .* Then this pod loses files\.vendor\.example:443\.$/,
    );
    expect(findings.find(({ id }) => id === 'source-of-truth')).toMatchObject({
      state: 'confirmed',
      evidence: [
        {
          where: 'Flux Kustomization flux-system/policies',
          what: expect.stringContaining(`from ${URL_HERE}, ref main, path clusters/prod`),
        },
      ],
    });
    const steps = nextSteps(seen, judge(seen), findings, undefined);
    expect(steps).toContain(
      'files.vendor.example:443 is allowed only by what the cluster has of CiliumNetworkPolicy a: bring it into Git, or Flux Kustomization flux-system/policies takes it away within 10 m.',
    );
  });

  it('that creates a policy is a cause, and a step where the pod loses something by it', () => {
    const denied = seenOf({
      live: [policy('a', narrow)],
      git: [policy('a', narrow), policy('b', [fqdnRule([FILES])])],
      gone: 'b',
    });
    const failing = {
      ...denied,
      endpoints: [
        {
          ...denied.endpoints[0],
          ...endpoint({ connect: 'timeout', host: FILES }),
          evaluation: denied.endpoints[0].evaluation,
        },
      ] as typeof denied.endpoints,
    };
    expect(judge(failing).cause).toMatchObject({
      class: 'GITOPS_DRIFT',
      statement: expect.stringContaining('in CiliumNetworkPolicy default/b, which the cluster lacks'),
    });
    const open = seenOf({ live: [], git: [policy('b', narrow)], gone: 'b' });
    expect(nextSteps(open, judge(open), [], undefined)).toContain(
      'Flux Kustomization flux-system/policies creates CiliumNetworkPolicy b within 10 m, and then this pod loses files.vendor.example:443: add it to that policy in Git first.',
    );
  });

  it('threatens with no sync that does nothing', () => {
    const seen = seenOf({ live: [policy('a', wide)], git: [policy('a', narrow)], sync: { suspended: true } });
    expect(nextSteps(seen, judge(seen), [], undefined).join(' ')).not.toMatch(/Git/);
  });
});

function withDeny(name = 'a'): CiliumPolicy {
  const base = policy(name, wide);
  const egressDeny = [{ toEntities: ['world'] }];
  return { ...base, rules: base.rules.map((entry) => ({ ...entry, rule: { ...entry.rule, egressDeny } })) };
}

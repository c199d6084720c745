/** Kinds that can stop or redirect egress and are not evaluated: named where there are any, silent where the cluster has no such kind. */
import { afterEach, describe, expect, it } from 'vitest';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import type { ObjectReader } from '../../../src/cluster/object-reader.ts';
import { createRecordingReader } from '../../../src/cluster/recording-reader.ts';
import { UNEVALUATED } from '../../../src/cluster/resources.ts';
import { gapFindings } from '../../../src/core/verdict/findings-policy.ts';
import { pluralOf, type RawObject } from '../support/fake-api-server.ts';
import { caseOf, endpoint, STATE } from '../verdict/case-builder.ts';
import { ADAPTERS, cleanUp, never, startLive } from './adapters.ts';
import { checkout, cluster } from './objects.ts';

afterEach(cleanUp);

const ref = { namespace: 'shop', name: checkout.metadata.name };
const stateOf = (reader: ObjectReader) => createClusterSource(reader).readState(ref, never);

function one(resource: (typeof UNEVALUATED)[number], namespace: string, name: string): RawObject {
  const metadata = { name, ...(NAMESPACED.has(resource.kind) && { namespace }) };
  return {
    apiVersion: `${resource.group}/${resource.versions[0]}`,
    kind: resource.kind,
    metadata,
    spec: { secret: 'x' },
  };
}

/** As their projects have them, whatever is listed of all namespaces here. */
const NAMESPACED = new Set([
  'CiliumLocalRedirectPolicy',
  'TracingPolicyNamespaced',
  'SecurityGroupPolicy',
  'MultiNetworkPolicy',
  'SecurityPolicy',
  'NvSecurityRule',
  'MeshPassthrough',
]);

const all = UNEVALUATED.map((resource) => one(resource, 'shop', 'here'));

describe.each(ADAPTERS)('$name', ({ open }) => {
  it('names every object of such a kind', async () => {
    const state = await stateOf(await open({ objects: [...cluster, ...all] }));
    const named = state.unsupported.map(({ kind, apiVersion }) => `${apiVersion} ${kind}`);
    expect(named.toSorted()).toEqual(all.map(({ kind, apiVersion }) => `${apiVersion} ${kind}`).toSorted());
    expect(state.notRead.filter(({ what }) => what !== 'other kinds of policies')).toEqual([]);
  });

  it('names those of other namespaces only where they reach out of them', async () => {
    const elsewhere = UNEVALUATED.map((resource) => one(resource, 'other', 'there'));
    const state = await stateOf(await open({ objects: [...cluster, ...elsewhere] }));
    const kinds = new Set(state.unsupported.map(({ kind }) => kind));
    for (const kind of ['CiliumLocalRedirectPolicy', 'MeshPassthrough', 'EgressIP']) expect(kinds).toContain(kind);
    for (const kind of ['SecurityGroupPolicy', 'MultiNetworkPolicy', 'NvSecurityRule'])
      expect(kinds).not.toContain(kind);
  });
});

describe('live', () => {
  it('says nothing of kinds that the cluster does not have', async () => {
    const { reader } = await startLive({ objects: cluster });
    expect(await stateOf(reader)).toMatchObject({ unsupported: [], notRead: [] });
  });

  it.each(UNEVALUATED)('states a refusal of $label', async (resource) => {
    const objects = [...cluster, one(resource, 'shop', 'here')];
    const { reader } = await startLive({ objects, forbidden: [pluralOf(resource.kind)] });
    const { notRead } = await stateOf(reader);
    expect(notRead).toHaveLength(1);
    expect(notRead[0]).toMatchObject({ code: 'forbidden', what: expect.stringContaining(resource.label) });
    expect(gapFindings(caseOf([endpoint()], { state: { ...STATE, notRead } }))).toMatchObject([
      { state: 'not_checked' },
    ]);
  });

  it('names fifty, and says that there are more', async () => {
    const [gateway] = UNEVALUATED;
    if (!gateway) throw new Error('no such kind');
    const many = Array.from({ length: 60 }, (_, index) => one(gateway, 'shop', `g${String(index).padStart(2, '0')}`));
    const { reader } = await startLive({ objects: [...cluster, ...many] });
    const state = await stateOf(reader);
    expect(state.unsupported).toHaveLength(50);
    expect(state.notRead).toMatchObject([{ what: 'ciliumegressgatewaypolicies beyond the first 50', code: 'refused' }]);
  });

  it('records their names alone', async () => {
    const recording = createRecordingReader((await startLive({ objects: [...cluster, ...all] })).reader);
    await stateOf(recording.reader);
    const { objects } = recording.recorded();
    for (const { name, group } of UNEVALUATED)
      for (const object of objects.get(`${name}.${group}`) ?? [{ spec: 'missing' }])
        expect(object).not.toHaveProperty('spec');
  });
});

it('becomes one finding a kind, which says what the kind can do and how to read it', () => {
  const meta = { name: 'a', labels: {}, annotations: {}, owners: [], managers: [] };
  const unsupported = UNEVALUATED.flatMap(({ kind, group, versions }) =>
    ['a', 'b'].map((name) => ({ kind, apiVersion: `${group}/${versions[0]}`, meta: { ...meta, name } })),
  );
  const findings = gapFindings(caseOf([endpoint()], { state: { ...STATE, unsupported } }));
  expect(findings).toHaveLength(UNEVALUATED.length);
  for (const [index, { kind, group }] of UNEVALUATED.entries())
    expect(findings[index]).toMatchObject({
      id: `not-evaluated:${kind}.${group}`,
      state: 'not_checked',
      notChecked: {
        reason: expect.stringMatching(`^2 ${kind} object.* does not evaluate that kind: \\S`),
        nextStep: `Read them by hand: kubectl get ${kind}.${group} -A -o yaml`,
      },
    });
});

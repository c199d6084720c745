/** The finding that says which GitOps controllers apply the policies around a pod, and from where; made by all use cases about Git. */
import { controllerText } from '../drift/consequence.ts';
import type { Owner } from '../drift/owned.ts';
import { ownerOf } from '../drift/owner.ts';
import { isPlain } from '../drift/plain.ts';
import { whatToGive } from '../drift/what-to-give.ts';
import { groupOf } from '../drift/with-forecast.ts';
import type { NotRead } from '../model/cluster-state.ts';
import type { Evidence, Finding } from '../model/evidence.ts';
import type { PatchablePolicy } from '../model/policy.ts';
import type { SyncController, SyncState } from '../model/sync.ts';

const STATEMENT = 'A GitOps controller applies the policies around the pod.';
const ID = 'source-of-truth';
const MOST = 5;

interface OwnedPolicy {
  readonly policy: PatchablePolicy;
  readonly owner: Owner;
}

/** Undefined where there is no policy to ask about. */
export function sourceOfTruth(
  policies: readonly PatchablePolicy[],
  sync: SyncState,
  when: string,
): Finding | undefined {
  if (policies.length === 0) return undefined;
  const all = policies.map((policy): OwnedPolicy => ({ policy, owner: ownerOf(asked(policy), sync) }));
  const controllers = ownersAmong(all);
  if (controllers.length > 0)
    return { id: ID, state: 'confirmed', statement: STATEMENT, evidence: evidenceOf(all, controllers, when) };
  const unknown = all.find(({ owner }) => owner.state === 'unknown');
  const [gap] = sync.notRead;
  if (unknown !== undefined || gap !== undefined) return open(unknown, gap);
  const what = `policies asked about: ${all.length}; controllers read: ${sync.controllers.length}; none has one of them (${all[0]?.owner.because})`;
  return {
    id: ID,
    state: 'ruled_out',
    statement: STATEMENT,
    evidence: [{ source: 'cluster', where: 'GitOps controllers of the cluster', what, when }],
  };
}

/** Only a complete reading shows that nobody applies them. */
function open(unknown: OwnedPolicy | undefined, gap: NotRead | undefined): Finding {
  const notChecked = {
    what: 'which GitOps controller applies the policies',
    code: gap?.code ?? ('unsupported' as const),
    reason:
      unknown === undefined
        ? `${gap?.what}: ${gap?.reason}`
        : `${policyText(unknown.policy)}: ${unknown.owner.because}`,
    nextStep:
      gap?.nextStep ?? 'Find out who applies it: its labels, annotations and metadata.managedFields say who wrote it.',
  };
  return { id: ID, state: 'not_checked', statement: STATEMENT, evidence: [], notChecked };
}

/** What to give as the repository, by the controllers that apply these policies; one sentence a source. */
export function repositoriesToGive(policies: readonly PatchablePolicy[], sync: SyncState): readonly string[] {
  const all = policies.map((policy): OwnedPolicy => ({ policy, owner: ownerOf(asked(policy), sync) }));
  return [...new Set(ownersAmong(all).flatMap((controller) => whatToGive(controller) ?? []))];
}

function asked({ kind, meta }: PatchablePolicy) {
  const { name, namespace } = meta;
  return {
    policy: { kind, name, ...(namespace === undefined ? {} : { namespace }) },
    group: groupOf(kind),
    live: meta,
  };
}

function ownersAmong(all: readonly OwnedPolicy[]): readonly SyncController[] {
  return [...new Set(all.flatMap(({ owner }) => (owner.state === 'owned' ? owner.by : [])))];
}

const policyText = ({ kind, meta: { namespace, name } }: PatchablePolicy): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

function evidenceOf(all: readonly OwnedPolicy[], controllers: readonly SyncController[], when: string): Evidence[] {
  const owned = controllers.slice(0, MOST).map((by): Evidence => {
    const its = all
      .filter(({ owner }) => owner.state === 'owned' && owner.by === by)
      .map(({ policy }) => policyText(policy));
    const more = its.length > 3 ? ` and ${its.length - 3} more` : '';
    return {
      source: 'cluster',
      where: controllerText(by.object),
      what: `${its.slice(0, 3).join(', ')}${more}; ${stateText(by)}`,
      when,
      ...(by.failing === undefined ? {} : { untrusted: by.failing }),
    };
  });
  const rest = all.filter(({ owner }) => owner.state !== 'owned').slice(0, MOST - 2);
  return [
    ...owned,
    ...rest.map(
      ({ policy, owner }): Evidence => ({ source: 'cluster', where: policyText(policy), what: owner.because, when }),
    ),
  ];
}

function stateText({ source, path, appliedRevision, suspended, failing }: SyncController): string {
  return [
    ...(source === undefined
      ? []
      : [`from ${isPlain(source.url) ? source.url : `${source.object.kind} ${source.object.name}`}`]),
    ...(isPlain(source?.ref) ? [`ref ${source.ref}`] : []),
    ...(isPlain(path) ? [`path ${path}`] : []),
    ...(isPlain(appliedRevision) ? [`applied ${appliedRevision}`] : []),
    ...(suspended ? ['suspended'] : []),
    ...(source?.suspended ? ['its source is suspended'] : []),
    ...(failing === undefined ? [] : ['failing']),
  ].join(', ');
}

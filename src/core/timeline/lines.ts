/** The timeline in at most five lines: the sequence, what follows from it, what it cannot show; for `build.ts`. */
import { plain } from '../drift/plain.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import type { Changed, Timeline } from '../model/timeline.ts';
import { timeOf } from './failures.ts';
import type { Known } from './known.ts';
import type { Rules } from './rules.ts';
import { clock, refText, span } from './words.ts';
import { countsGenerations, type Write } from './writes.ts';

export function linesOf(known: Known, changed: Changed, why: string | undefined): Timeline['lines'] {
  const sequence = [failurePart(known), rolloutPart(known), rulesPart(known)].join('; ');
  return [
    `${sequence.charAt(0).toUpperCase()}${sequence.slice(1)}.`,
    conclusion(known, changed, why),
    `Looked at, when last written: ${lookedAt(known)}.`,
    `What this cannot show: ${bounds(known).join('; ')}.`,
  ];
}

export function failurePart({ seen, asOf }: Pick<Known, 'seen' | 'asOf'>): string {
  return `${firstPart(seen, asOf)}${lastPart(seen, asOf)}`;
}

/** Nothing where the log ends soon after it: then nothing says that it is over. */
function lastPart({ first, last, logEnds }: Known['seen'], asOf: string): string {
  const after = timeOf(logEnds) - timeOf(last);
  if (!(after >= QUIET)) return '';
  return `${first === last ? '' : `, the last ${clock(last, asOf)}`}, none in the ${span(after)} of log after it`;
}

const QUIET = 10 * 60_000;

function firstPart(seen: Known['seen'], asOf: string): string {
  const first = clock(seen.first, asOf);
  if (seen.from === 'flow')
    return `no failure in the logs tells a time, first drop on record ${first} (earlier ones may have left the engine's buffer)`;
  if (seen.clearFrom === undefined) return `failing since ${first} or earlier: the log that was read begins with it`;
  const before = span(timeOf(seen.first) - timeOf(seen.clearFrom));
  return `first failure on record ${first} (the log that was read begins ${before} before it)`;
}

export function rolloutPart({
  rollout,
  rolloutNotRead,
  asOf,
}: Pick<Known, 'rollout' | 'rolloutNotRead' | 'asOf'>): string {
  if (rollout === undefined)
    return `rollouts not known: ${rolloutNotRead?.reason ?? 'the revision of the pod is not on record'}`;
  if (rollout.isFirst) return 'no earlier revision of the workload is kept';
  const when =
    rollout.at === undefined
      ? 'by going back to an earlier revision, when is not on record'
      : `at ${clock(rollout.at, asOf)}`;
  if (rollout.changes.length === 0)
    return `the last rollout (${when}) changed neither images nor environment nor what policies select by`;
  return `${rollout.changes.slice(0, 3).join(', ')} ${when}`;
}

function rulesPart({ rules, seen, asOf }: Known): string {
  const [unread] = rules.unread;
  if (unread !== undefined) {
    const more = rules.unread.length > 1 ? `, and ${rules.unread.length - 1} more kind(s) likewise` : '';
    return `when policies were last written is not fully known: ${unread.what} could not be read (${unread.reason})${more}`;
  }
  const [undated] = rules.undated;
  if (undated !== undefined) return `when ${refText(undated)} was last written is not on record`;
  const latest = rules.writes.find(({ selects }) => selects);
  if (rules.selecting === 0 || latest === undefined) return `no policy selects the pod now${besideText(rules, asOf)}`;
  const since = timeOf(seen.first) - timeOf(latest.at);
  const beside = besideText(rules, asOf, latest.at);
  if (since < 0) return `${writeText(latest.policy, latest, asOf)}, after it${beside}`;
  const which =
    rules.selecting === 1
      ? 'the one policy that selects the pod'
      : `the ${rules.selecting} policies that select the pod`;
  return `${which} unchanged for ${span(since)} before it (last: ${writeText(latest.policy, latest, asOf)})${beside}`;
}

/** Of what is no evaluated policy, the last write; one before that of the policies says nothing more. */
function besideText({ beside }: Rules, asOf: string, after?: string): string {
  const latest = beside.writes.find(({ isEngine }) => isEngine !== true);
  if (latest === undefined || timeOf(latest.at) <= timeOf(after)) return '';
  return `, but ${writeText(latest.object, latest, asOf)} (${latest.why})`;
}

function conclusion({ seen, rules, rollout, asOf }: Known, changed: Changed, why: string | undefined): string {
  const before = rules.writes.find(({ at }) => timeOf(at) <= timeOf(seen.first));
  if (changed === 'application') {
    const age =
      before === undefined
        ? ''
        : `; the youngest policy was ${span(timeOf(rollout?.at) - timeOf(before.at))} old by then`;
    return `So likely that rollout changed it, not a policy that is there now (a deleted one would leave no trace)${age}${workedBefore(seen, rollout)}.`;
  }
  if (changed === 'policy') {
    const rule = rules.writes.find(({ at, selects }) => selects && timeOf(at) <= timeOf(seen.first));
    // A write of labels alone has a time, too.
    const what = rule?.created ? '' : ' (what that write changed is not on record)';
    return `So likely a rule changed: ${rule === undefined ? '' : writeText(rule.policy, rule, asOf)}${what}, and the log shows no failure on this host before that.`;
  }
  if (changed === 'neither')
    return "Neither images nor what was looked at of the rules changed within that log: look outside, at the host's names, addresses and servers, for a policy that was deleted, or at what ConfigMaps and Secrets held.";
  return `What changed is not decided: ${why ?? 'nothing on record lies close before it'}.`;
}

/** A new revision has new pods: their logs show nothing of how the one before fared. */
function workedBefore({ clearFrom }: Known['seen'], rollout: Known['rollout']): string {
  const shown = clearFrom !== undefined && timeOf(clearFrom) < timeOf(rollout?.at);
  return shown ? '' : '; that it worked before that rollout is not on record';
}

/** e.g. `2 policies that select the pod, 1 more around it, Namespace shop`; one of a kind goes by its name. */
function lookedAt({ rules }: Known): string {
  const policies = `${rules.selecting || 'no'} ${rules.selecting === 1 ? 'policy that selects' : 'policies that select'} the pod`;
  const others = rules.others === 0 ? [] : [`${rules.others} more of its namespace and of the whole cluster`];
  const beside = [...Map.groupBy(rules.beside.looked, ({ kind }) => kind)].map(([kind, [first, ...rest]]) =>
    first !== undefined && rest.length === 0 ? refText(first) : `${rest.length + 1} objects of kind ${plain(kind)}`,
  );
  return [policies, ...others, ...beside].join(', ');
}

function bounds({ seen, rules }: Known): string[] {
  return [
    ...(seen.from === 'log' ? ['failures in lines that were rotated away or written by pods that are gone'] : []),
    'a policy that was deleted, which leaves no trace',
    ...(rules.selecting + rules.beside.looked.length > 0
      ? ['earlier writes of an object, of which the cluster keeps one time a writer']
      : []),
    ...(rules.selecting > 0 && rules.writes.some(({ policy }) => !countsGenerations(policy.kind))
      ? ["writes of Calico's kinds past the API server, as calicoctl makes them"]
      : []),
    ...(rules.unread.length > 1 ? [`kinds not read: ${rules.unread.map(({ what }) => what).join(', ')}`] : []),
    ...(rules.lacking ? ['kinds that the archive does not hold'] : []),
    'what ConfigMaps and Secrets held',
  ];
}

function writeText(object: ObjectRef, { at, created, by }: Write, asOf: string): string {
  const who = by === undefined || created ? '' : ` by ${plain(by)}`;
  return `${refText(object)} ${created ? 'created' : 'written'} ${clock(at, asOf)}${who}`;
}

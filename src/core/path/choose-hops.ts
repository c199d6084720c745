/** Which few of the hosts that the logs name are looked at: text of others must not choose them; for `plan-targets.ts`. */
import { leadsTo } from '../hops/hand-offs.ts';
import { matchHost } from '../hops/host-pattern.ts';

export interface HopCandidate {
  readonly host: string;
  readonly because: string;
  /** How much what the logs say of it is worth. */
  readonly weight: number;
  readonly count: number;
  /** What was said, without names and numbers: who can make an application log a text can name many hosts in it, but hardly in many forms. */
  readonly form: string;
}

/**
 * First where the asked host is known to send its clients, which nobody writes into a log; then by what is said. One of a form while
 * others wait: two made-up hosts in one message do not push out the one that another message tells of. Names decide nothing.
 */
export function chooseHops<T extends HopCandidate>(
  asked: string,
  candidates: readonly T[],
  most: number,
): readonly T[] {
  const expected = leadsTo(asked);
  const rankOf = ({ host, weight }: T): number =>
    expected.some((hop) => matchHost(hop.host, host) !== undefined) ? weight + EXPECTED : weight;
  const inOrder = candidates.toSorted(
    (a, b) => rankOf(b) - rankOf(a) || b.count - a.count || (a.host < b.host ? -1 : 1),
  );
  const firstOfForm = inOrder.filter(({ form }, at) => inOrder.findIndex((other) => other.form === form) === at);
  const chosen = [...new Set([...firstOfForm, ...inOrder])].slice(0, most);
  const left = candidates.length - chosen.length;
  return chosen.map((one, at) =>
    left > 0 && at === chosen.length - 1
      ? {
          ...one,
          because: `${one.because}; of ${left} more host(s) there, which were not looked at, grepPodLogs tells`,
        }
      : one,
  );
}

/** More than all weights. */
const EXPECTED = 10;

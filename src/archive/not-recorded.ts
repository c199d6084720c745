/** The one answer of a replay to what was not recorded: not checked, and what would check it. */
import type { NotRead } from '../core/model/cluster-state.ts';

export function notRecorded(
  what: string,
  recorded: readonly string[] = [],
): { readonly ok: false; readonly notRead: NotRead } {
  const others = [...new Set(recorded)].slice(0, 5);
  return {
    ok: false,
    notRead: {
      what,
      code: 'not_in_archive',
      reason: `the archive holds no ${what}${others.length > 0 ? `; it holds: ${others.join(', ')}` : ''}`,
      nextStep: 'Ask the cluster itself (without --archive), or capture it with the same question.',
    },
  };
}

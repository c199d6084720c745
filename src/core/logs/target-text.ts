/** Where a failure in the logs was, and how far its words tell that; for `diagnose/grep-logs.ts` and `render/logs.ts`. */
import type { LogFailure } from '../model/logs.ts';

/** e.g. `files.vendor.example:443`, `10.0.0.1:443, perhaps files.vendor.example:443 (…)`; undefined where nothing is told. */
export function targetText(failure: LogFailure): string | undefined {
  const told = placeText(failure);
  const { possible, mayBeFirstHop } = failure;
  const perhaps = possible && `perhaps ${placeText(possible)} (named beside it, tied by nothing)`;
  if (told === undefined) return perhaps;
  if (perhaps !== undefined) return `${told}, ${perhaps}`;
  return mayBeFirstHop ? `${told} (or where it sent the client on: the URL is the one first asked for)` : told;
}

function placeText({ host, address, port }: Pick<LogFailure, 'host' | 'address' | 'port'>): string | undefined {
  const to = host ?? address;
  return to === undefined ? undefined : `${to}${port === undefined ? '' : `:${port}`}`;
}

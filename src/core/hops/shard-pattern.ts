/** Names of servers of a pool, whose number changes from answer to answer; asked by `core/remedy/host-advice.ts`. */

// Words that operators put before or after the number of a server of a pool.
const POOLED =
  /^(?<before>(?:[a-z]+-)?(?:cdn|edge|shard|node|pop|cache|mirror|static|media|img|dl|download|storage|s|f|n)-?)(?<number>\d{1,4})(?<after>-[a-z0-9]+)?$/;

/** `cdn-12.vendor.example` → `cdn-*.vendor.example`: tomorrow's answer may name another number. */
export function shardPattern(host: string): string | undefined {
  const [first = '', ...rest] = host.split('.');
  const found = POOLED.exec(first);
  if (!found || rest.length < 2) return undefined;
  return [`${found.groups?.['before'] ?? ''}*${found.groups?.['after'] ?? ''}`, ...rest].join('.');
}

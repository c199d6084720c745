/** DNS names in one comparable form; used by `host.ts`, `core/policy/fqdn` and the near misses. */

/** Lower case, without surrounding blanks and without the final dot: the form `Destination.host` has. */
export function normaliseName(name: string): string {
  return name.trim().toLowerCase().replace(/\.$/, '');
}

/** The labels from left to right; none for the root. */
export function labelsOf(name: string): readonly string[] {
  const normal = normaliseName(name);
  return normal === '' ? [] : normal.split('.');
}

/**
 * How many labels two names share from the right. Not a public-suffix computation: callers ask for at least two, which separates
 * `api.vendor.example`/`files.vendor.example` from `a.example`/`b.example`.
 */
export function commonSuffixLength(one: string, other: string): number {
  const a = labelsOf(one).toReversed();
  const b = labelsOf(other).toReversed();
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

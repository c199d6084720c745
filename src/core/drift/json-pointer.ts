/** Paths of differences against JSON pointers (RFC 6901), in which controllers are told what to ignore; for `argo-ignores.ts` and `flux-ignores.ts`. */

/** Whether `spec.egress[0].toFQDNs` is what the pointer names, or a part of it. */
export function isInside(path: string, pointer: string): boolean {
  const own = `/${path.replace(/\[(\d+)\]/g, '.$1').replaceAll('.', '/')}`;
  return own === pointer || own.startsWith(`${pointer}/`);
}

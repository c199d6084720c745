/** Three-valued logic of the policy engine: what the state cannot tell stays unknown instead of becoming a no. */

export type Tri = 'yes' | 'no' | 'unknown';

export function triOf(value: boolean): Tri {
  return value ? 'yes' : 'no';
}

export function triNot(tri: Tri): Tri {
  if (tri === 'unknown') return tri;
  return tri === 'yes' ? 'no' : 'yes';
}

export function triAnd(one: Tri, other: Tri): Tri {
  if (one === 'no' || other === 'no') return 'no';
  return one === 'yes' && other === 'yes' ? 'yes' : 'unknown';
}

export function triAny(values: readonly Tri[]): Tri {
  if (values.includes('yes')) return 'yes';
  return values.includes('unknown') ? 'unknown' : 'no';
}

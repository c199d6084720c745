/** The three answers to "does the engine enforce this kind?"; given by the `enforcement*.ts` files of this room. */
import type { Tri } from '../tri.ts';

export interface Enforcement {
  readonly enforced: Tri;
  /** Why not, or why it cannot be told; continues `it is not enforced: …`. */
  readonly why: string;
}

export const ENFORCED: Enforcement = { enforced: 'yes', why: '' };

export function notEnforced(why: string): Enforcement {
  return { enforced: 'no', why };
}

export function cannotTell(why: string): Enforcement {
  return { enforced: 'unknown', why };
}

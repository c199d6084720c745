/** The path of the one HEAD request that a probe may send; asked by the use cases that plan probes. Pure. */
import type { Target } from '../net/host.ts';
import { isPlainPath } from '../net/http-path.ts';
import { clean } from '../text/clean.ts';

/** A word of a path that is longer, mixes letters and digits, or is a long number, is as likely a webhook's token as a name. */
const LONGEST_WORD = 20;
const MIXED = /^(?=.*[A-Z])(?=.*[a-z])(?=.*\d).{8,}$/;
const RANDOM = /^(?=.*\d)(?=.*[a-z])[a-z\d]{10,}$|^\d{10,}$/i;

/**
 * Only an http or https URL asks for a request. A path that may carry a secret is replaced by `/`: it would stand in the API
 * server's audit log, as every argument of an exec does.
 */
export function requestPath({ scheme, path = '/' }: Target): string | undefined {
  if (scheme !== 'http' && scheme !== 'https') return undefined;
  const secret = clean(path, path.length) !== path || path.split('/').some(isTokenLike);
  return isPlainPath(path) && !secret ? path : '/';
}

const isTokenLike = (word: string): boolean => word.length > LONGEST_WORD || MIXED.test(word) || RANDOM.test(word);

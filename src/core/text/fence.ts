/** Marks where text of others begins and ends in what a model reads; `render/` wraps every untrusted field with it. */
import { DiagnoseError } from '../errors.ts';

/**
 * Wraps `text` between two lines that carry `nonce` (8 to 64 letters or digits, fresh for each answer). The text cannot close its
 * fence: the nonce inside it is blanked and its own look-alike tags lose their bracket.
 * @throws DiagnoseError (bug) FENCE_NONCE for a nonce outside that grammar.
 */
export function fence(text: string, nonce: string): string {
  if (!/^[A-Za-z0-9]{8,64}$/.test(nonce)) {
    throw new DiagnoseError('bug', 'FENCE_NONCE', 'a fence nonce must be 8 to 64 letters or digits', 'report this');
  }
  const inner = text.replace(new RegExp(nonce, 'gi'), '…').replace(/<(?=\s{0,8}\/?\s{0,8}untrusted)/gi, '‹');
  return `<untrusted-${nonce}>\n${inner}\n</untrusted-${nonce}>`;
}

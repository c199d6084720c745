/** A URL of a source as it may be shown: without credentials and query, bounded; used by the decoders of GitOps objects. */
import { clean } from '../../core/text/clean.ts';

/** Users of ssh URLs (`git@`) are no credentials; everything before the `@` of the others may be one. */
export function safeUrl(url: string): string {
  const [bare = ''] = url.trim().split(/[?#]/);
  const shown = /^ssh:\/\//i.test(bare)
    ? bare.replace(/^(ssh:\/\/[^@/:]*):[^@/]*@/i, '$1@')
    : bare.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^@/]*@/i, '$1');
  return clean(shown.replace(/\s/g, '%20'), 200);
}

/** Says of a host that nobody asked about who named it, so that it is not allowed only because a log or an answer says so; for the fix, the story and the next steps. */
import { endpointName } from '../causes/cause-rule.ts';
import type { EndpointCase } from './case.ts';

/**
 * Logs hold what clients of the application sent, and a server answers what it likes: both can name a host of their choice, which a
 * default deny then blocks as it should. Undefined for what was asked about.
 */
export function namedByOthers(endpoint: EndpointCase): string | undefined {
  if (endpoint.role !== 'second_hop') return undefined;
  const { redirectedFrom: from } = endpoint;
  const by =
    from === undefined
      ? "the pod's logs alone, and whoever gets text into them can name a host"
      : `the answer of ${endpointName(from)} alone`;
  return `${endpointName(endpoint)} is named by ${by}: allow it only if the application is meant to call it`;
}

/** A proxy variable's value as it may be shown: scheme, host and port; used by `probes/collector.ts` and `core/path/app-proxies.ts`. */
import { clean } from './clean.ts';

const SCHEME = /^[a-z][a-z0-9+.-]{0,15}:\/\//i;
const PLACE = /^(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253}|[0-9a-f]*:[0-9a-f:.]{2,45})(?::\d{1,5})?$/i;
const LONGEST = 300;

/**
 * People write user and password with and without a scheme, and with `@`, `/` and `%40` in them: what stands after the last `@` is
 * kept, and nothing where that is no place. `NO_PROXY` is a list of hosts.
 */
export function proxyValue(variable: string, value: string): string {
  const text = value.trim();
  if (/^no_proxy$/i.test(variable)) return clean(afterLastAt(text), LONGEST);
  const scheme = SCHEME.exec(text)?.[0] ?? '';
  const place = afterLastAt(text.slice(scheme.length)).replace(/[/?#\\].*$/s, '');
  if (place === '') return '';
  return PLACE.test(place) ? `${scheme}${place}` : `${scheme}[no host and port]`;
}

const afterLastAt = (text: string): string => text.split(/@|%40/i).at(-1) ?? '';

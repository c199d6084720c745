/** Reduces a `Location` to where it points: no query, no credentials, no fragment, a path only as its class; used by `http-report.ts`. */
import { DiagnoseError } from '../core/errors.ts';
import { presignedKind } from '../core/hops/presigned.ts';
import type { ProbeTarget, RedirectTarget } from '../core/model/probe.ts';
import { parseTarget } from '../core/net/host.ts';

const LONGEST = 8192;

/**
 * Nothing where it points to no http(s) host that may be probed: another scheme, a name outside the grammar, the pod itself, a
 * metadata address in any spelling (the URL parser makes `http://0xa9fea9fe/` the address that it is).
 */
export function redirectTarget(location: string, from: ProbeTarget): RedirectTarget | undefined {
  const url = location.length > LONGEST ? undefined : resolved(location, from);
  if (url === undefined) return undefined;
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const place = placeOf(`${scheme}://${url.host}`);
  return place === undefined ? undefined : { scheme, ...place, pathClass: pathClass(url) };
}

function resolved(location: string, { host, port, tls, path }: ProbeTarget): URL | undefined {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const base = `${tls ? 'https' : 'http'}://${authority}${path ?? '/'}`;
  const url = URL.canParse(location, base) ? new URL(location, base) : undefined;
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : undefined;
}

function placeOf(origin: string): Pick<RedirectTarget, 'host' | 'port'> | undefined {
  try {
    const { host, address, port } = parseTarget(origin);
    const name = host ?? address;
    return name === undefined ? undefined : { host: name, port };
  } catch (error) {
    if (error instanceof DiagnoseError) return undefined;
    throw error;
  }
}

function pathClass({ pathname, search }: URL): RedirectTarget['pathClass'] {
  if (presignedKind(search.slice(1), pathname) !== undefined) return 'presigned';
  return pathname === '/' || pathname === '' ? 'root' : 'path';
}

/** Last gate before a value leaves for a pod: hosts, ports and times as plain argument values, whatever callers checked before. */
import { DiagnoseError } from '../core/errors.ts';
import type { ProbeRequest, ProbeTarget } from '../core/model/probe.ts';
import { normaliseName } from '../core/net/dns-name.ts';
import { isPlainPath } from '../core/net/http-path.ts';
import { isMetadataAddress, isMetadataName } from '../core/net/metadata.ts';

/** Never a scanner: one question, its second hops and a comparison. */
const MOST_TARGETS = 10;
const LONGEST_HOST = 253;
const SHORTEST_MS = 100;
const LONGEST_MS = 30_000;

/** A name or an address, nothing a shell or a program could read as an option or as text of its own. */
const HOST = /^[A-Za-z0-9_:][A-Za-z0-9._:-]*$/;

/**
 * The program's arguments after the nonce: connect, lookup and total time in ms, then id, host, port, TLS flag and path of each target.
 * @throws DiagnoseError (usage) HOST_INVALID, METADATA_REFUSED, PORT_INVALID, PATH_INVALID or TOO_MANY_TARGETS.
 */
export function programValues(request: ProbeRequest): readonly string[] {
  if (request.targets.length === 0 || request.targets.length > MOST_TARGETS) throw tooMany(request.targets.length);
  const connect = boundedMs(request.connectTimeoutMs);
  const lookup = boundedMs(request.lookupTimeoutMs);
  const times = [connect, lookup, totalMs(request)];
  return [...times.map(String), ...request.targets.flatMap((target, index) => targetValues(target, index))];
}

/**
 * How long the program may live: a lookup, a connection, a handshake, then a second one with its own connection, a request, and a
 * second and a half for slow machines.
 */
export function totalMs(request: ProbeRequest): number {
  return boundedMs(request.lookupTimeoutMs) + 5 * boundedMs(request.connectTimeoutMs) + 1500;
}

function targetValues(target: ProbeTarget, index: number): readonly string[] {
  if (target.host.length > LONGEST_HOST || !HOST.test(target.host)) throw badHost(target.host);
  if (isMetadataAddress(target.host) || isMetadataName(normaliseName(target.host))) throw metadata(target.host);
  if (!Number.isInteger(target.port) || target.port < 1 || target.port > 65_535) throw badPort(target);
  if (target.path !== undefined && !isPlainPath(target.path)) throw badPath(target.path);
  return [`t${index}`, target.host, String(target.port), target.tls ? '1' : '0', target.path ?? '-'];
}

function boundedMs(ms: number): number {
  return Number.isFinite(ms) ? Math.round(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms))) : SHORTEST_MS;
}

function badHost(host: string): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'HOST_INVALID',
    `${JSON.stringify(host.slice(0, 80))} is neither a host name nor an address: letters, digits, ".", "-", "_" and ":" only, not beginning with "-" or "."`,
    'Give a host name or an IP address, e.g. api.vendor.example.',
  );
}

function metadata(host: string): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'METADATA_REFUSED',
    `${host} is a cloud instance-metadata endpoint, which is never probed`,
    'Name the external endpoint that the application cannot reach.',
  );
}

function badPort(target: ProbeTarget): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'PORT_INVALID',
    `port ${target.port} of ${target.host} is not a whole number from 1 to 65535`,
    'Give the TCP port, e.g. 443.',
  );
}

function badPath(path: string): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'PATH_INVALID',
    `${JSON.stringify(path.slice(0, 80))} is not a path that a probe can ask for: "/" and then letters, digits and "/._~%+,:=-" only, at most 300, without a query`,
    'Give the URL without its path; the host and port decide what a policy does.',
  );
}

function tooMany(count: number): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'TOO_MANY_TARGETS',
    `a probe takes 1 to ${MOST_TARGETS} targets, not ${count}`,
    'Ask about fewer endpoints at a time.',
  );
}

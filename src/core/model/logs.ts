/** What pod logs say about failing connections; text in it is redacted and sanitised but never trusted. */
import type { NotRead } from './cluster-state.ts';
import type { PodRef } from './probe.ts';

export interface LogRequest {
  readonly pod: PodRef;
  /** All app and init containers when absent. */
  readonly container?: string;
  /** Plain text or a safe pattern in addition to the built-in ones. */
  readonly pattern?: string;
  readonly sinceSeconds: number;
  readonly tailLines: number;
  /** Also the previous instance of restarted containers. */
  readonly previous: boolean;
}

/** A failure family that holds over languages; see the error-string table of the incidents. */
export const FAILURE_CLASSES = [
  'lookup_failed',
  'name_not_found',
  'connect_timeout',
  'connect_refused',
  'connection_reset',
  'unreachable',
  'tls_failed',
  'read_timeout',
  'http_denied',
  'other',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** What a container is to its pod; a failure of a mesh's proxy is about the connections it takes over. Absent for an app's. */
export const LOG_ROLES = ['init', 'ephemeral', 'sidecar', 'mesh_proxy'] as const;
export type LogRole = (typeof LOG_ROLES)[number];

export interface LogFailure {
  readonly class: FailureClass;
  /** The failing host where the text names it; lower-case, grammar-checked. */
  readonly host?: string;
  readonly port?: number;
  readonly address?: string;
  /**
   * The only place that the text names, where nothing ties it to the failure: it may be another. Never together with `host`; a host that
   * is an address stands here as `address`.
   */
  readonly possible?: Pick<LogFailure, 'host' | 'address' | 'port'>;
  /** The library names the URL that it was asked for, also where an answer sent it on and the next host failed. */
  readonly mayBeFirstHop?: true;
  /** `requests`, `urllib3`, `go net`, `node fetch`, … where recognised. */
  readonly library?: string;
  /** Version of that library where the same event or an earlier banner of the same container names it (untrusted). */
  readonly libraryVersion?: string;
  /** The frames that led there, innermost first, a handful (redacted, sanitised, untrusted). */
  readonly frames?: readonly string[];
  /** The pod, where the logs of several were read. */
  readonly pod?: PodRef;
  readonly container: string;
  readonly role?: LogRole;
  /** Said by the instance before the last restart. */
  readonly previous?: true;
  /** Where else the same was said, `POD/CONTAINER`; counted together. */
  readonly alsoIn?: readonly string[];
  readonly count: number;
  readonly firstSeen?: string;
  readonly lastSeen?: string;
  /** A few lines around it: redacted, sanitised, untrusted. */
  readonly excerpt: string;
}

/** A URL seen in the logs, reduced to what matters. */
export interface SeenUrl {
  readonly host: string;
  readonly port: number;
  /** `aws-s3-v4`, `azure-sas`, `gcs-v4`, … when it carries a signature. */
  readonly presigned?: string;
  /** Path with signature and secrets redacted (untrusted). */
  readonly display: string;
  readonly count: number;
  /** Where it was first seen, and when: an earlier URL of the same container may be the one that handed this one out. */
  readonly container?: string;
  readonly firstSeen?: string;
  readonly lastSeen?: string;
}

/** How far back one container's log was read: bounds what "first" can mean. */
export interface LogWindow {
  /** Where the logs of several pods were read. */
  readonly pod?: PodRef;
  readonly container: string;
  readonly role?: LogRole;
  /** Of the instance before the last restart. */
  readonly previous?: true;
  /** Stamps of the first and the last line that were read; absent where there were none. */
  readonly from?: string;
  readonly to?: string;
  /**
   * A bound ended the reading, so that earlier lines exist or may exist: `since` the time asked for, `lines`, `bytes`. `time`: the
   * stream was too slow or broke off, so that later lines are missing.
   */
  readonly cutBy?: 'since' | 'lines' | 'bytes' | 'time';
}

export interface LogMatch {
  readonly pod?: PodRef;
  readonly container: string;
  readonly when?: string;
  readonly line: string;
}

export interface LogReport {
  readonly pod: PodRef;
  /** All whose logs were read, where it was more than one. */
  readonly pods?: readonly PodRef[];
  readonly containers: readonly string[];
  readonly linesRead: number;
  /** True when a limit cut the reading short. */
  readonly truncated: boolean;
  /** One a log that was read; absent in older captures. */
  readonly windows?: readonly LogWindow[];
  readonly failures: readonly LogFailure[];
  readonly urls: readonly SeenUrl[];
  /** How many places `urls` no longer holds, given up for newer ones. */
  readonly urlsNotKept?: number;
  /** Lines that matched the caller's own pattern (redacted, sanitised, untrusted). */
  readonly matches: readonly LogMatch[];
  /** Containers (or their previous instance) whose log could not be read while others could. */
  readonly notRead?: readonly NotRead[];
}

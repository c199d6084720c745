/** Reads the status a container runtime sends when a program ends; used by `exec.ts`. */
import { clean } from '../core/text/clean.ts';

export type ExecStatus =
  | { readonly kind: 'exited'; readonly exitCode: number }
  /** The program could not be started: there is no such file in the image, or it may not be run. */
  | { readonly kind: 'no_program'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

/** Runtimes word it differently: runc and crun below containerd and CRI-O. */
const NO_PROGRAM =
  /executable file not found|no such file or directory|executable file .* not found in \$PATH|exec: ".*": permission denied/i;

/** Channel 3 carries a `v1 Status` whose `ExitCode` cause holds the code (apimachinery `StatusReason` NonZeroExitCode of remotecommand). */
export function parseExecStatus(data: Buffer): ExecStatus {
  const status = parse(data);
  if (status?.status === 'Success') return { kind: 'exited', exitCode: 0 };
  const cause = status?.details?.causes?.find((entry) => entry.reason === 'ExitCode');
  const exitCode = Number.parseInt(cause?.message ?? '', 10);
  if (Number.isInteger(exitCode)) return { kind: 'exited', exitCode };
  const message = clean(status?.message ?? data.subarray(0, 4096).toString('utf8'), 500);
  return { kind: NO_PROGRAM.test(message) ? 'no_program' : 'failed', message };
}

interface RawStatus {
  readonly status?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

function parse(data: Buffer): RawStatus | undefined {
  try {
    return JSON.parse(data.toString('utf8')) as RawStatus;
  } catch {
    return undefined;
  }
}

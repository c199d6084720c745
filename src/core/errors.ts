/** The one error type that crosses rooms: code, what is wrong, and the next step. Caught at one boundary (tools/run-tool.ts). */

/**
 * `usage`: the caller's input breaks a rule. `cluster`: the cluster or repository refused or cannot be reached.
 * `bug`: our own fault. The exit codes follow from it (64, 2, 70).
 */
export type ErrorKind = 'usage' | 'cluster' | 'bug';

export class DiagnoseError extends Error {
  readonly kind: ErrorKind;
  /** Stable, SCREAMING_SNAKE: POD_NOT_FOUND, HOST_INVALID, API_UNREACHABLE… */
  readonly code: string;
  readonly nextStep: string;

  constructor(kind: ErrorKind, code: string, message: string, nextStep: string) {
    super(message);
    this.name = 'DiagnoseError';
    this.kind = kind;
    this.code = code;
    this.nextStep = nextStep;
  }
}

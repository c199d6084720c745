/** Why nothing was written, for the `write-*` files. */
import { DiagnoseError } from '../core/errors.ts';
import { sanitise } from '../core/text/sanitise.ts';

/** The state of the repository stands against it. */
export function refused(why: string, nextStep: string): DiagnoseError {
  return new DiagnoseError('cluster', 'WRITE_REFUSED', `Nothing was written: ${sanitise(why, 500)}.`, nextStep);
}

/** What was asked for cannot be. */
export function notThere(why: string, nextStep: string): DiagnoseError {
  return new DiagnoseError('usage', 'WRITE_REFUSED', `Nothing was written: ${sanitise(why, 500)}.`, nextStep);
}

export function failed(path: string, error: unknown): DiagnoseError {
  if (error instanceof DiagnoseError) return error;
  const code = (error as { readonly code?: unknown }).code;
  const why = typeof code === 'string' ? code : String(error);
  const message = `${sanitise(path, 300)} could not be written (${sanitise(why, 200)}); nothing was changed.`;
  return new DiagnoseError(
    'cluster',
    'WRITE_FAILED',
    message,
    'Check the rights and the free space there, and try again.',
  );
}

/** The one case in which something was changed and stays so. */
export function stuck(path: string): DiagnoseError {
  const shown = sanitise(path, 300);
  const message = `${shown} was written, a later file could not be, and ${shown} could not be set back.`;
  return new DiagnoseError('cluster', 'WRITE_FAILED', message, `Set it back: git restore ${shown}`);
}

/** Says in words why the API server cannot be reached; thrown by `connect.ts` and `exec.ts`. */
import { DiagnoseError } from '../core/errors.ts';
import { clean } from '../core/text/clean.ts';
import type { TransportError } from './http-request.ts';

const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'its name does not exist',
  EAI_AGAIN: 'its name could not be resolved',
  ETIMEDOUT: 'the connection timed out',
  TIMEOUT: 'the connection timed out',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
};

const NEXT =
  'Check the server of this context (kubectl cluster-info), VPN and proxy; or answer from a captured directory with --archive DIR.';

/** What Node says of a token with a line break, and of certificates and keys that are not PEM or do not fit each other. */
const UNUSABLE = /^ERR_(?:INVALID_CHAR|OSSL_|CRYPTO_)/;

export function unreachable(server: string, error: TransportError): DiagnoseError {
  if (UNUSABLE.test(error.code)) return unusable(server, error.code);
  const tls = /CERT|SSL|TLS|EPROTO|ALTNAME|SIGNATURE/.test(error.code);
  const cause =
    CAUSES[error.code] ??
    (tls
      ? `its TLS certificate or protocol is not accepted (${clean(error.message, 200)})`
      : clean(error.message, 200));
  const next = tls ? `Check certificate-authority and tls-server-name of this context. ${NEXT}` : NEXT;
  return new DiagnoseError(
    'cluster',
    'API_UNREACHABLE',
    `The API server ${server} cannot be reached: ${cause} [${error.code}].`,
    next,
  );
}

function unusable(server: string, code: string): DiagnoseError {
  return new DiagnoseError(
    'cluster',
    'CREDENTIALS_FAILED',
    `The credentials for the API server ${server} cannot be used: the token holds a line break, or a certificate or key is not PEM [${code}].`,
    'Check the user of this context: kubectl config view --minify shows what it is made of.',
  );
}

export function unauthorized(server: string, context: string): DiagnoseError {
  return new DiagnoseError(
    'cluster',
    'API_UNAUTHORIZED',
    `The API server ${server} does not accept the credentials of context "${context}" (401).`,
    `Log in again, then check with kubectl --context ${context} get namespaces.`,
  );
}

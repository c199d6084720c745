/** Reads what `curl -v` prints about a handshake, told to expect a key that no server has (`programs/shell-tls.ts`); used by `tool-output.ts`. */
import type { TlsOutcome, TlsReport } from '../core/model/probe.ts';
import { clean } from '../core/text/clean.ts';
import { pemOf } from './openssl-output.ts';
import { describeSession, readCertificate, verifyOutcome } from './tls-report.ts';

/** Exit codes of https://curl.se/docs/manpage.html#EXIT. 51 is the wrong name before 7.62; 60 since, and every distrust. */
const UNEXPECTED_KEY = 90;
const TIMED_OUT = 28;
const DISTRUST: ReadonlySet<number> = new Set([51, 60]);

export function parseCurl(lines: readonly string[], exit: number | undefined, ms: number | undefined): TlsReport {
  const certificate = readCertificate(pemOf(lines));
  const outcome = outcomeOf(lines, exit ?? 0);
  const error = outcome === 'ok' ? '' : clean(failureLine(lines) ?? '', 200);
  const broken = outcome === 'reset' || outcome === 'timeout' || outcome === 'failed';
  return {
    ...(certificate === undefined ? described(lines) : {}),
    ...describeSession(outcome, { certificate, version: versionOf(lines), ms, error }),
    ...(broken ? { receivedBytes: received(lines) } : {}),
  };
}

/** From 8.12 on "Established" comes only after the handshake; ALPN is offered at its start. */
const CONNECTED =
  /^\* (?:Connected to |Established connection to |ALPN[:,] |TLSv?[\d.]+ \(OUT\), TLS handshake, Client hello)/m;

/** The key is compared after the certificate and its name, so this complaint means that all before it was well. */
function outcomeOf(lines: readonly string[], exit: number): TlsOutcome {
  if (exit === UNEXPECTED_KEY) return 'ok';
  if (DISTRUST.has(exit)) return distrust(lines);
  const text = lines.join('\n');
  if (!CONNECTED.test(text)) return 'not_checked';
  if (exit === TIMED_OUT || exit === 137) return 'timeout';
  if (/reset by peer|errno 104|SSL_ERROR_SYSCALL|unexpected eof|connection was closed|PR_END_OF_FILE/i.test(text))
    return 'reset';
  return exit === 0 ? 'not_checked' : 'failed';
}

/** In the words of OpenSSL, GnuTLS, NSS, mbedTLS and wolfSSL, as curl passes them on; else by OpenSSL's code. */
function distrust(lines: readonly string[]): TlsOutcome {
  const text = failureLine(lines) ?? '';
  if (/does not match|no alternative certificate|CN_MISMATCH|name mismatch/i.test(text)) return 'wrong_name';
  if (/expired|expiration date|not yet valid|not activated|BADCERT_(?:EXPIRED|FUTURE)|date error/i.test(text))
    return 'expired';
  const code =
    /verify result: .{1,80} \((\d{1,3})\)/.exec(text)?.[1] ??
    lines.flatMap((line) => /^=(\d{1,3})$/.exec(line)?.[1] ?? [])[0];
  // 1 is curl's own "failed", not OpenSSL's.
  return code === undefined || Number(code) < 2 ? 'untrusted' : verifyOutcome(Number(code));
}

function failureLine(lines: readonly string[]): string | undefined {
  return lines.flatMap((line) => /^curl: \(\d+\) (.+)/.exec(line)?.[1] ?? [])[0];
}

const versionOf = (lines: readonly string[]): string | undefined =>
  lines.flatMap((line) => /SSL connection using (TLSv?[\d.]+)/.exec(line)?.[1] ?? [])[0]?.replace(/^TLS(?=\d)/, 'TLSv');

/** `{ [5 bytes data]`: what curl's TLS library read, piece by piece. */
function received(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Number(/^\{ \[(\d{1,6}) bytes data\]/.exec(line)?.[1] ?? 0), 0);
}

/** Before 7.88 curl shows no certificate, only lines about it. */
function described(lines: readonly string[]): Pick<TlsReport, 'issuer' | 'notBefore' | 'notAfter'> {
  const said = (name: string): string =>
    lines.map((line) => /^\* {2,3}([a-z ]+): (.{1,300})$/.exec(line)).find((match) => match?.[1] === name)?.[2] ?? '';
  const issuer = clean(said('issuer'), 200);
  const notBefore = timeOf(said('start date'));
  const notAfter = timeOf(said('expire date'));
  return {
    ...(issuer === '' ? {} : { issuer }),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(notAfter === undefined ? {} : { notAfter }),
  };
}

/** `Nov 26 14:36:09 2026 GMT`. */
function timeOf(text: string): string | undefined {
  if (!/^[A-Z][a-z]{2} {1,2}\d{1,2} [\d:]{8} \d{4} GMT$/.test(text)) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** Reads what `openssl s_client` prints about a handshake; used by `tool-output.ts` for the shell rungs. */
import type { TlsOutcome, TlsReport } from '../core/model/probe.ts';
import { clean } from '../core/text/clean.ts';
import { CUT_OFF } from './connect-outcome.ts';
import { describeSession, readCertificate, verifyOutcome } from './tls-report.ts';

export function parseOpenssl(lines: readonly string[], exit: number | undefined, ms: number | undefined): TlsReport {
  const certificate = readCertificate(pemOf(lines));
  const verify = verifyCode(lines);
  const judged = certificate === undefined ? undefined : verify;
  const outcome = outcomeOf(lines, exit, judged?.code);
  const error = outcome === 'ok' ? '' : clean(judged?.text ?? failureLine(lines) ?? '', 200);
  const received = BROKEN_OFF.has(outcome) ? receivedBytes(lines) : undefined;
  return {
    ...describeSession(outcome, { certificate, version: versionOf(lines), ms, error }),
    ...(received === undefined ? {} : { receivedBytes: received }),
  };
}

const BROKEN_OFF: ReadonlySet<TlsOutcome> = new Set(['reset', 'timeout', 'failed']);

/**
 * It counts at its end; cut off before that, it has told each step (`-state`): without "read server hello" nothing came that
 * was whole, which is as good as nothing.
 */
function receivedBytes(lines: readonly string[]): number | undefined {
  const text = lines.join('\n');
  const counted = /SSL handshake has read (\d{1,7}) bytes/.exec(text)?.[1];
  if (counted !== undefined) return Number(counted);
  return /write client hello/.test(text) && !/read server hello/.test(text) ? 0 : undefined;
}

/** "Verify return code: 0 (ok)" is also printed when nothing was verified, so it counts only beside a certificate. */
function outcomeOf(lines: readonly string[], exit: number | undefined, verify: number | undefined): TlsOutcome {
  if (verify !== undefined) return verifyOutcome(verify);
  const text = lines.join('\n');
  // Cut off before it began, it has nothing to say of the server.
  if (exit !== undefined && CUT_OFF.has(exit)) return /write client hello/.test(text) ? 'timeout' : 'not_checked';
  // 104 ECONNRESET, 32 EPIPE; OpenSSL 3 says "unexpected eof" where the peer just closed.
  if (/errno[=:]\s?(?:104|32)\b|connection reset|unexpected eof/i.test(text)) return 'reset';
  return /error|alert|errno/i.test(text) ? 'failed' : 'not_checked';
}

function verifyCode(lines: readonly string[]): { readonly code: number; readonly text: string } | undefined {
  for (const line of lines) {
    const match = /Verify return code: (\d{1,3}) \((.*)\)/i.exec(line);
    if (match) return { code: Number(match[1]), text: match[2] ?? '' };
  }
  return undefined;
}

function versionOf(lines: readonly string[]): string | undefined {
  const session = lines.map(
    (line) => /^\s*Protocol\s*: (\S+)/.exec(line)?.[1] ?? /^New, (TLSv[\d.]+),/.exec(line)?.[1],
  );
  return session.find((version) => version !== undefined);
}

const failureLine = (lines: readonly string[]): string | undefined =>
  lines.find((line) => /errno|error|alert/i.test(line) && !/^(?:-|SSL_connect:)/.test(line))?.trim();

/** The first certificate in a tool's text. */
export function pemOf(lines: readonly string[]): Buffer {
  const from = lines.findIndex((line) => line.startsWith('-----BEGIN CERTIFICATE-----'));
  const to = lines.findIndex((line) => line.startsWith('-----END CERTIFICATE-----'));
  return from === -1 || to < from ? Buffer.alloc(0) : Buffer.from(lines.slice(from, to + 1).join('\n'));
}

/** Judges a TLS handshake from a program's record: who answered, and why it was not trusted; used by `collector.ts` and `openssl-output.ts`. */
import { X509Certificate } from 'node:crypto';
import type { TlsOutcome, TlsReport } from '../core/model/probe.ts';
import { clean } from '../core/text/clean.ts';
import { numberOf, type ProbeRecord, valueOf } from './record.ts';

/** X509_V_ERR_* of OpenSSL's x509_vfy.h: not yet valid, expired; then host name, email and address mismatch. */
const TIME_CODES: ReadonlySet<number> = new Set([9, 10]);
const NAME_CODES: ReadonlySet<number> = new Set([62, 63, 64]);

export function verifyOutcome(code: number): TlsOutcome {
  if (code === 0) return 'ok';
  if (TIME_CODES.has(code)) return 'expired';
  return NAME_CODES.has(code) ? 'wrong_name' : 'untrusted';
}

/** Where it matters how far the handshake came. */
const BROKEN_OFF: ReadonlySet<TlsOutcome> = new Set(['reset', 'timeout', 'failed']);

/** `now`: to tell an expired certificate where the pod's library only says "verify failed" (python before 3.7). */
export function tlsReport(record: ProbeRecord, now: Date): TlsReport {
  const certificate = certificateOf(record);
  const outcome = outcomeOf(record, certificate, now);
  const error = outcome === 'ok' ? '' : clean(errorOf(record), 200);
  const received = BROKEN_OFF.has(outcome) ? numberOf(record, 'got') : undefined;
  return {
    ...describeSession(outcome, {
      certificate,
      version: valueOf(record, 'version'),
      ms: numberOf(record, 'ms'),
      error,
    }),
    ...(received === undefined ? {} : { receivedBytes: received }),
  };
}

/** Of a second handshake, of which only the outcome counts. */
export const tlsOutcome = (record: ProbeRecord, now: Date): TlsOutcome => outcomeOf(record, certificateOf(record), now);

interface SessionFacts {
  readonly certificate: X509Certificate | undefined;
  readonly version: string | undefined;
  readonly ms: number | undefined;
  readonly error: string;
}

export function describeSession(outcome: TlsOutcome, facts: SessionFacts): TlsReport {
  const issuer = clean((facts.certificate?.issuer ?? '').replaceAll('\n', ', '), 200);
  return {
    outcome,
    ...(/^TLSv1(?:\.[0-3])?$|^SSLv[23]$/.test(facts.version ?? '') ? { version: facts.version ?? '' } : {}),
    ...(issuer === '' ? {} : { issuer }),
    ...(facts.certificate === undefined ? {} : certificateFacts(facts.certificate)),
    ...(facts.ms === undefined ? {} : { ms: facts.ms }),
    ...(facts.error === '' ? {} : { error: facts.error }),
  };
}

const MOST_NAMES = 8;

function certificateFacts(certificate: X509Certificate): Pick<TlsReport, 'notBefore' | 'notAfter' | 'names'> {
  const { validFromDate: from, validToDate: to } = certificate;
  const names = namesOf(certificate.subjectAltName ?? '');
  return {
    ...(Number.isNaN(from.getTime()) ? {} : { notBefore: from.toISOString() }),
    ...(Number.isNaN(to.getTime()) ? {} : { notAfter: to.toISOString() }),
    ...(names.length === 0 ? {} : { names }),
  };
}

/** Node's text form: `DNS:a.example, IP Address:203.0.113.1`; one with other characters is quoted there and left out here. */
function namesOf(subjectAltName: string): readonly string[] {
  const names = subjectAltName
    .split(', ')
    .flatMap((entry) => /^(?:DNS|IP Address):([A-Za-z0-9*._:-]{1,253})$/.exec(entry)?.[1] ?? []);
  return [...new Set(names)].slice(0, MOST_NAMES);
}

/** DER or PEM; nothing when it is no certificate. */
export function readCertificate(bytes: Buffer): X509Certificate | undefined {
  try {
    return bytes.length === 0 ? undefined : new X509Certificate(bytes);
  } catch {
    return undefined;
  }
}

function outcomeOf(record: ProbeRecord, certificate: X509Certificate | undefined, now: Date): TlsOutcome {
  if (valueOf(record, 'ok') === '1') return 'ok';
  const verify = valueOf(record, 'verify');
  if (verify !== undefined) return unverified(record, certificate, now);
  switch (valueOf(record, 'err')) {
    case 'timeout':
    case 'ETIMEDOUT':
      return 'timeout';
    case 'ECONNRESET':
    case 'EPIPE':
    case 'closed':
      return 'reset';
    default:
      return 'failed';
  }
}

/** For libraries that say it in their own words, which their program knows. */
const VERIFY_WORDS = ['expired', 'wrong_name', 'untrusted'] as const;

function unverified(record: ProbeRecord, certificate: X509Certificate | undefined, now: Date): TlsOutcome {
  const word = VERIFY_WORDS.find((outcome) => outcome === valueOf(record, 'verify'));
  if (word !== undefined) return word;
  const code = numberOf(record, 'verify');
  if (code !== undefined && code !== 0) return verifyOutcome(code);
  const text = valueOf(record, 'text') ?? '';
  if (/doesn't match|does not match|mismatch/i.test(text)) return 'wrong_name';
  const outside = certificate !== undefined && (certificate.validToDate < now || certificate.validFromDate > now);
  return outside || /expired|not yet valid/i.test(text) ? 'expired' : 'untrusted';
}

function errorOf(record: ProbeRecord): string {
  const err = valueOf(record, 'err');
  if (err === 'closed') return 'the peer closed the connection during the handshake';
  const text = valueOf(record, 'text') ?? '';
  return err === undefined || err === 'tls' ? text : `${err} ${text}`.trim();
}

function certificateOf(record: ProbeRecord): X509Certificate | undefined {
  const hex = valueOf(record, 'cert') ?? '';
  return readCertificate(Buffer.from(/^(?:[0-9a-f]{2})*$/.test(hex) ? hex : '', 'hex'));
}

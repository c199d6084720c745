/** Test support: a self-signed certificate made on the spot, so that no key is committed and no tool beside Node is needed. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

export interface Identity {
  readonly key: string;
  readonly cert: string;
}

export interface CertificateOptions {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** An ECDSA P-256 certificate for one host name or IPv4 address, its own issuer, valid for a day unless told. */
export function selfSigned(host: string, options: CertificateOptions = {}): Identity {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return identity({ host, issuer: host, keys, signer: keys.privateKey }, options);
}

/** One for a host that `authority`, a self-signed identity for the name `by`, vouches for: some runtimes trust no other kind. */
export function issued(host: string, by: string, authority: Identity, options: CertificateOptions = {}): Identity {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return identity({ host, issuer: by, keys, signer: createPrivateKey(authority.key) }, options);
}

interface Subject {
  readonly host: string;
  readonly issuer: string;
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly signer: KeyObject;
}

function identity({ host, issuer, keys, signer }: Subject, options: CertificateOptions): Identity {
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const from = options.notBefore ?? new Date(Date.now() - 3_600_000);
  const until = options.notAfter ?? new Date(Date.now() + 86_400_000);
  const body = sequence(
    der(0xa0, integer(2)),
    integer(Math.floor(Math.random() * 2 ** 30) + 1),
    algorithm,
    nameOf(issuer),
    sequence(time(from), time(until)),
    nameOf(host),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions(host, issuer === host), ...keyIds(keys.publicKey, createPublicKey(signer)))),
  );
  const signature = sign('sha256', body, signer);
  const certificate = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return { key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: pem(certificate) };
}

const nameOf = (host: string): Buffer => sequence(set(sequence(oid('550403'), utf8(host))));

/** Its own issuer may issue others too. */
function extensions(host: string, authority: boolean): Buffer[] {
  const alternative = isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));
  const names = sequence(oid('551d11'), der(0x04, sequence(alternative)));
  if (!authority) return [names];
  const yes = der(0x01, Buffer.from([0xff]));
  // Bits: digitalSignature and keyCertSign.
  const usage = der(0x03, Buffer.from([2, 0x84]));
  return [
    names,
    sequence(oid('551d13'), yes, der(0x04, sequence(yes))),
    sequence(oid('551d0f'), yes, der(0x04, usage)),
  ];
}

/** Who signed whom (RFC 5280 §4.2.1.1): without it a strict verifier, as Python's is from 3.13, trusts nobody. */
function keyIds(own: KeyObject, issuer: KeyObject): Buffer[] {
  return [
    sequence(oid('551d0e'), der(0x04, der(0x04, keyId(own)))),
    sequence(oid('551d23'), der(0x04, sequence(der(0x80, keyId(issuer))))),
  ];
}

const keyId = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();

function der(tag: number, content: Buffer): Buffer {
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
const set = (...parts: Buffer[]): Buffer => der(0x31, Buffer.concat(parts));
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));

function integer(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  // DER: the shortest form that does not read as negative.
  return der(0x02, (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** GeneralizedTime; OpenSSL accepts it for any year. */
function time(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

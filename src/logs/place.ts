/** Checks what a pattern caught against the real grammar of hosts, addresses and ports; used by `classify.ts` and `urls.ts`. */
import { normaliseName } from '../core/net/dns-name.ts';
import { isAddress, isHostName } from '../core/net/host.ts';

export interface Place {
  readonly host?: string;
  readonly address?: string;
  readonly port?: number;
}

/** An address in the host's position becomes the address, and the other way round; what is neither is left out. */
export function placeOf(host: string | undefined, address: string | undefined, port: string | undefined): Place {
  const found = [host, address].flatMap((text) => (text === undefined ? [] : [text.replace(/^\[|\]$/g, '')]));
  const name = found.map(normaliseName).find((text) => !isAddress(text) && isHostName(text) && /[a-z]/.test(text));
  const ip = found.find(isAddress);
  const number = port !== undefined && /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535 ? Number(port) : undefined;
  return { ...(name && { host: name }), ...(ip && { address: ip }), ...(number !== undefined && { port: number }) };
}

/** The row type of the tables in `families/`: hosts whose names many tenants share, or to which an API sends its clients; asked by `known-host.ts`. */

export type HostKind =
  /** One tenant's bucket, container or account. */
  | 'bucket'
  /** A storage service with the bucket in the path: all tenants behind one name. */
  | 'storage'
  | 'cdn'
  | 'registry'
  | 'packages'
  | 'code'
  | 'models'
  | 'service';

export interface Described {
  /** e.g. `one bucket ("media") of Amazon S3 in eu-west-1`. */
  readonly what: string;
  /** The tightest way to allow it, in words that end a sentence. */
  readonly tightest: string;
  /** A pattern that people reach for, in the dialect of Cilium's matchPattern (`*` stays inside a label); matches the host. */
  readonly wider?: string;
  /** What that pattern, or the name itself where no other helps, lets in besides. */
  readonly letsIn: string;
  /** Other names of the same thing, which a client with other settings calls: `[name, when]`. */
  readonly variants?: readonly (readonly [name: string, when: string])[];
}

export interface HostFamily {
  readonly provider: string;
  readonly kind: HostKind;
  /** Where the form of the names is documented. */
  readonly source: string;
  /** Over lower-case names without a final dot. */
  readonly name: RegExp;
  readonly describe: (part: (key: string) => string, host: string) => Described;
}

export const EXACT = 'the exact name';
export const BETTER_OWN = `${EXACT}, or better the vendor's own name for it`;

export function inRegion(region: string): string {
  return region === '' ? '' : ` in ${region}`;
}

/** A star stays inside one label. */
export function wider(name: string, rest: string): Pick<Described, 'wider'> {
  const stars = name.split('.').map(() => '*');
  return { wider: [...stars, rest].join('.') };
}

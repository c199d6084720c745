/** A policy in one version of a file; under everything in this room that compares policies and not text. */
import type { JsonRecord } from '../../core/drift/json.ts';
import { readDocuments } from '../documents.ts';
import type { ObjectReader } from '../objects/object.ts';
import type { Value } from './last-change.ts';

export interface PolicyName {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** Its normal form; undefined where that version does not hold it, or there is none. */
export type ReadPolicy = (blob: string | undefined, policy: PolicyName) => Promise<Value<JsonRecord | undefined>>;

/** A version of a policy's file is no larger than what is read of the present one (`files.ts`). */
const MAX_FILE = 1024 * 1024;

/** Each version is parsed once. A document that names no namespace may be of any. */
export function createPolicyReader(objects: ObjectReader): ReadPolicy {
  const known = new Map<string, Value<JsonRecord | undefined>>();
  return async (blob, policy) => {
    if (blob === undefined) return { known: true, value: undefined };
    const key = JSON.stringify([blob, policy]);
    const version = known.get(key) ?? (await parsed(objects, blob, policy));
    known.set(key, version);
    return version;
  };
}

const ABSENT = { known: false, because: 'an earlier version of the file is not here, or larger than is read' } as const;
const BROKEN = { known: false, because: 'before that the file cannot be read as policies' } as const;

async function parsed(objects: ObjectReader, blob: string, policy: PolicyName): ReturnType<ReadPolicy> {
  const object = await objects.read(blob);
  if (object?.kind !== 'blob' || object.data.length > MAX_FILE) return ABSENT;
  const { policies, skipped } = readDocuments([{ path: 'policy.yaml', text: object.data.toString('utf8') }]);
  const found = policies.find(
    ({ kind, name, namespace }) =>
      kind === policy.kind && name === policy.name && (namespace ?? policy.namespace) === policy.namespace,
  );
  if (found !== undefined) return { known: true, value: found.normal };
  // What could not be read may be the policy.
  return skipped.length > 0 ? BROKEN : { known: true, value: undefined };
}

/** Building blocks of the decoders: optional fields without `undefined`, and the one way an object that does not fit is reported. */
import { z } from 'zod';
import type { NotRead } from '../../core/model/cluster-state.ts';
import type { RawObject } from '../object-reader.ts';
import { nameOf, namespaceOf } from '../raw-meta.ts';
import { inWords, type Resource } from '../resources.ts';

type Compact<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out fields that are undefined: in the model an absent field is absent, not undefined. */
export function compact<T extends object>(value: T): Compact<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Compact<T>;
}

/** The API writes an absent field, `null` or nothing alike. */
export function maybe<S extends z.ZodType>(schema: S) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** A list that may be left out; absent and empty mean the same. */
export function listOf<S extends z.ZodType>(schema: S) {
  return z
    .array(schema)
    .nullish()
    .transform((value): z.output<S>[] => value ?? []);
}

/** An object that may be left out as a whole. */
export function orEmpty<S extends z.ZodType>(schema: S) {
  return schema.nullish().transform((value): z.output<S> => value ?? schema.parse({}));
}

export const text = z.string();
/** A text that is stored empty where it is not set. */
export const filled = maybe(text).transform((value) => value || undefined);
export const stringMap = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value): Readonly<Record<string, string>> => value ?? {});

const condition = z.object({ type: text, status: text, reason: maybe(text), message: maybe(text) }).transform(compact);

/** The conditions of an object's `status`, which manifests do not have. */
export const statusConditions = z
  .object({ conditions: listOf(condition) })
  .nullish()
  .transform((status) => status?.conditions ?? []);

/** Decodes one raw object to its model type. */
export type Schema<T> = z.ZodType<T>;

export interface Decoded<T> {
  readonly values: readonly T[];
  readonly notRead: readonly NotRead[];
}

/** Decodes each object by itself: one that does not fit is named in `notRead` and hides no other. */
export function decodeAll<T>(resource: Resource, items: readonly RawObject[], schema: Schema<T>): Decoded<T> {
  const values: T[] = [];
  const notRead: NotRead[] = [];
  for (const item of items) {
    const result = schema.safeParse(item);
    if (result.success) values.push(result.data);
    else notRead.push(misfit(resource, item, result.error));
  }
  return { values, notRead };
}

function misfit(resource: Resource, item: RawObject, error: z.ZodError): NotRead {
  const issue = error.issues[0];
  const path = (issue?.path ?? []).map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return {
    what: inWords(resource, { namespace: namespaceOf(item), name: nameOf(item) || '(no name)' }),
    code: 'invalid',
    reason: `${path.replace(/^\./, '') || 'the object'}: ${issue?.message ?? 'not understood'}`,
    nextStep: 'Check this object by hand: it is not part of the evaluation.',
  };
}

/** Name, namespace and owners of an object before it is decoded; used where whole decoding is not needed. */
import type { RawObject } from './object-reader.ts';

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function metaOf(object: RawObject): Readonly<Record<string, unknown>> {
  return asRecord(object['metadata']);
}

export function nameOf(object: RawObject): string {
  const { name } = metaOf(object);
  return typeof name === 'string' ? name : '';
}

export function namespaceOf(object: RawObject): string | undefined {
  const { namespace } = metaOf(object);
  return typeof namespace === 'string' && namespace !== '' ? namespace : undefined;
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

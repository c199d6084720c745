/** Shapes shared by all recordings: the outcome of a read and the pod it was about. */
import { z } from 'zod';
import { NOT_READ_CODES, type NotRead, type Read } from '../../core/model/cluster-state.ts';
import type { PodRef } from '../../core/model/probe.ts';

export const text = z.string();
export const strings = z.array(z.string());
/**
 * A few words that stand inside our own lines, outside any fence: a library, a rung, a drop reason, a source. The live adapters
 * take them from tables; a recording comes from anybody, and must not be able to put sentences there.
 */
export const label = z.string().regex(/^\S{1,320}( \S{1,320}){0,4}$/, 'must be at most five words');
/** A host name or an address as it was seen, perhaps with octets no host name has; never several words. */
export const hostText = z.string().regex(/^\S{1,320}$/, 'must be one word');
export const hosts = z.array(hostText);
/** Position in the one order of everything that was recorded. */
export const order = z.int().nonnegative();

export const notRead: z.ZodType<NotRead> = z.object({
  what: text,
  code: z.enum(NOT_READ_CODES),
  reason: text,
  nextStep: text.exactOptional(),
});

export const podRef: z.ZodType<PodRef> = z.object({ namespace: text, name: text });

export function readOf<T>(value: z.ZodType<T>): z.ZodType<Read<T>> {
  return z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), value }),
    z.object({ ok: z.literal(false), notRead }),
  ]) as z.ZodType<Read<T>>;
}

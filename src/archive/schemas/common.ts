/** Shapes shared by all recordings: the outcome of a read and the pod it was about. */
import { z } from 'zod';
import type { NotRead, Read } from '../../core/model/cluster-state.ts';
import type { PodRef } from '../../core/model/probe.ts';

export const text = z.string();
export const strings = z.array(z.string());
/** Position in the one order of everything that was recorded. */
export const order = z.int().nonnegative();

const CODES = [
  'forbidden',
  'not_found',
  'kind_absent',
  'unreachable',
  'timeout',
  'not_in_archive',
  'invalid',
  'refused',
  'unsupported',
  'not_asked',
] as const satisfies readonly NotRead['code'][];

const notRead: z.ZodType<NotRead> = z.object({
  what: text,
  code: z.enum(CODES),
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

/** A read that yields nothing: JSON has no undefined, so `value` is simply left out. */
export const readOfNothing: z.ZodType<Read<undefined>> = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }).transform(() => ({ ok: true as const, value: undefined })),
  z.object({ ok: z.literal(false), notRead }),
]);

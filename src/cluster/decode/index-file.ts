/** The index of a capture's objects: which lists were read, and what was refused; written and read by `archive/`. */
import { z } from 'zod';
import { NOT_READ_CODES } from '../../core/model/cluster-state.ts';
import { compact, maybe, text } from './shapes.ts';

export const INDEX_VERSION = 1;

const notRead = z
  .object({ what: text, code: z.enum(NOT_READ_CODES), reason: text, nextStep: maybe(text) })
  .transform(compact);
const place = { resource: text, namespace: maybe(text) };

export const indexSchema = z.object({
  formatVersion: z.literal(INDEX_VERSION),
  context: text,
  server: text,
  lists: z.array(z.object({ ...place, missing: maybe(notRead) }).transform(compact)),
  refusals: z.array(z.object({ ...place, name: maybe(text), notRead }).transform(compact)),
});

export type ObjectIndex = z.output<typeof indexSchema>;
export type ListEntry = ObjectIndex['lists'][number];
export type RefusalEntry = ObjectIndex['refusals'][number];

/** Decodes `metadata`, first part of every object; managedFields are reduced to who wrote and when. */
import { z } from 'zod';
import type { ObjectMeta } from '../../core/model/object-meta.ts';
import { compact, filled, listOf, maybe, stringMap, text } from './shapes.ts';

/** A whole second copy of the object, environment values included. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const owner = z.object({ kind: text, name: text, uid: maybe(text) }).transform(compact);

const manager = z
  .object({ manager: maybe(text), operation: maybe(text), time: maybe(text), subresource: filled })
  .transform(({ manager, operation, time, subresource }) =>
    compact({ manager: manager ?? 'unknown', operation: operation ?? 'Update', time, subresource }),
  );

export const metaSchema: z.ZodType<ObjectMeta> = z
  .object({
    namespace: maybe(text),
    name: text.min(1),
    uid: maybe(text),
    resourceVersion: maybe(text),
    generation: maybe(z.number()),
    creationTimestamp: maybe(text),
    deletionTimestamp: maybe(text),
    labels: stringMap,
    annotations: stringMap,
    ownerReferences: listOf(owner),
    managedFields: listOf(manager),
  })
  .transform(({ ownerReferences, managedFields, annotations, ...rest }) =>
    compact({
      ...rest,
      annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== LAST_APPLIED)),
      owners: ownerReferences,
      managers: managedFields,
    }),
  );

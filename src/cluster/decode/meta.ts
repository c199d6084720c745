/** Decodes `metadata`, first part of every object; managedFields are reduced to who wrote and when. */
import { z } from 'zod';
import type { FieldManager, ObjectMeta } from '../../core/model/object-meta.ts';
import { appliedFields, LAST_APPLIED } from '../last-applied.ts';
import { ownedFields } from '../owned-fields.ts';
import { compact, filled, listOf, maybe, stringMap, text } from './shapes.ts';

const owner = z.object({ kind: text, name: text, uid: maybe(text) }).transform(compact);

const managerShape = { manager: maybe(text), operation: maybe(text), time: maybe(text), subresource: filled };
const manager = z.object(managerShape).transform(managerOf);
const managerOfFields = z
  .object({ ...managerShape, fieldsV1: z.unknown().optional() })
  .transform(({ fieldsV1, ...rest }) => compact({ ...managerOf(rest), owns: ownedFields(fieldsV1) }));

function managerOf({
  manager,
  operation,
  time,
  subresource,
}: z.output<z.ZodObject<typeof managerShape>>): FieldManager {
  return compact({ manager: manager ?? 'unknown', operation: operation ?? 'Update', time, subresource });
}

const fields = {
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
};

export const metaSchema: z.ZodType<ObjectMeta> = z.object(fields).transform(metaOf);

/** With what decides what the next apply or deletion does. */
export const appliedMetaSchema: z.ZodType<ObjectMeta> = z
  .object({ ...fields, finalizers: listOf(text), managedFields: listOf(managerOfFields) })
  .transform(({ finalizers, ...rest }) =>
    compact({ ...metaOf(rest), finalizers: finalizers.length > 0 ? finalizers : undefined }),
  );

function metaOf({
  ownerReferences,
  managedFields,
  annotations,
  ...rest
}: z.output<z.ZodObject<typeof fields>>): ObjectMeta {
  return compact({
    ...rest,
    annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== LAST_APPLIED)),
    appliedSpec: appliedFields(annotations[LAST_APPLIED]),
    owners: ownerReferences,
    managers: managedFields,
  });
}

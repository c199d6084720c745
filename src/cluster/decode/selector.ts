/** Decodes label selectors as Kubernetes and Cilium write them. */
import { z } from 'zod';
import type { LabelSelector } from '../../core/model/selector.ts';
import { listOf, stringMap, text } from './shapes.ts';

const requirement = z.object({
  key: text,
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: listOf(text),
});

export const selectorSchema: z.ZodType<LabelSelector> = z.object({
  matchLabels: stringMap,
  matchExpressions: listOf(requirement),
});

/** A tool's schemas as the JSON clients read, without the words that say nothing; used by server and docs. */
import * as z from 'zod';

/** zod writes the safe-integer limits and open `additionalProperties` out; both are JSON Schema's defaults for our purposes. */
export function jsonSchemaOf(schema: z.ZodObject, io: 'input' | 'output'): { type: 'object'; [key: string]: unknown } {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, override: ({ jsonSchema }) => shorten(jsonSchema) });
  return { ...json, type: 'object' };
}

function shorten(node: z.core.JSONSchema.BaseSchema): void {
  if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
  if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
  if (node.properties !== undefined && Object.keys(node.properties).length === 0) delete node.properties;
  const { additionalProperties } = node;
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length === 0)
    delete node.additionalProperties;
}

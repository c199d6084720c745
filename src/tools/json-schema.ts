/** A tool's schemas as the JSON clients read, without the words that say nothing; used by server and docs. */
import * as z from 'zod';

/**
 * Left out of what is listed: bounds, patterns and the refusal of unknown fields. Calls are checked against the full schema
 * anyway, and the error says what was wrong, while every client would carry these words in its context for good.
 */
const UNSAID = [
  'maxLength',
  'minLength',
  'maxItems',
  'minItems',
  'minimum',
  'maximum',
  'pattern',
  'additionalProperties',
] as const;

export function jsonSchemaOf(schema: z.ZodObject, io: 'input' | 'output'): { type: 'object'; [key: string]: unknown } {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema, path }) => {
      shorten(jsonSchema);
      if (io === 'output') shortenOutput(jsonSchema, path.length === 0);
    },
  });
  return { ...json, type: 'object' };
}

function shorten(node: z.core.JSONSchema.BaseSchema): void {
  for (const word of UNSAID) delete node[word];
  if (isEmpty(node.properties)) delete node.properties;
  if (isEmpty(node.items)) delete node.items;
  if (node.default === false || isEmpty(node.default)) delete node.default;
}

/** Models write inputs but only read outputs: there, an enum or properties speak for their type, and what is always present need not be said. */
function shortenOutput(node: z.core.JSONSchema.BaseSchema, root: boolean): void {
  if (node.enum !== undefined || (node.properties !== undefined && !root)) delete node.type;
  if (!root) delete node.required;
}

function isEmpty(node: unknown): boolean {
  return typeof node === 'object' && node !== null && Object.keys(node).length === 0;
}

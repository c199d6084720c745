/** A caller's input against a tool's schema, with errors that name the field, the rule and the fields there are. */
import * as z from 'zod';
import { DiagnoseError } from '../core/errors.ts';

/** @throws DiagnoseError usage INPUT_INVALID. */
export function checkedInput<T extends z.ZodObject>(name: string, schema: T, input: unknown): z.output<T> {
  const checked = schema.safeParse(input ?? {});
  if (checked.success) return checked.data;
  const rules = checked.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`);
  const nextStep = `Its fields are ${fieldsOf(schema).join(', ')} (? marks those that may be left out).`;
  throw new DiagnoseError('usage', 'INPUT_INVALID', `${name}: ${rules.join('; ')}`, nextStep);
}

function fieldsOf(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape).map(([field, rule]) =>
    z.safeParse(rule, undefined).success ? `${field}?` : field,
  );
}

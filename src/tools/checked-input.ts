/** A caller's input against a tool's schema, with errors that name the field, the rule and the fields there are. */
import * as z from 'zod';
import { DiagnoseError } from '../core/errors.ts';

const MAX_RULES = 5;

/** @throws DiagnoseError usage INPUT_INVALID. */
export function checkedInput<T extends z.ZodObject>(name: string, schema: T, input: unknown): z.output<T> {
  const checked = schema.safeParse(input ?? {}, { error: ruleOf });
  if (checked.success) return checked.data;
  const { issues } = checked.error;
  const rules = issues.slice(0, MAX_RULES).map(({ path, message }) => `${path.join('.') || 'the input'} ${message}`);
  const nextStep = `In ${name}, ${fieldsWhere(schema, issues[0]?.path ?? [])} (? marks those that may be left out).`;
  throw new DiagnoseError('usage', 'INPUT_INVALID', `${name}: ${rules.join('; ')}.`, nextStep);
}

/** The rules that callers break by mistake, in words that need no knowledge of zod; the others keep zod's own. */
function ruleOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be of type ${issue.expected}`;
    case 'unrecognized_keys':
      return `has no field ${issue.keys.map((key) => JSON.stringify(key.slice(0, 40))).join(', ')}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `must ${extent(issue.origin, 'at most', issue.maximum)}`;
    case 'too_small':
      return `must ${extent(issue.origin, 'at least', issue.minimum)}`;
    default:
      return undefined;
  }
}

function extent(origin: string, bound: string, count: number | bigint): string {
  const unit = { string: 'characters', array: 'entries' }[origin];
  return unit === undefined ? `be ${bound} ${count}` : `have ${bound} ${count} ${unit}`;
}

/** The fields of the innermost object on the way to what was wrong. */
function fieldsWhere(schema: z.ZodObject, path: readonly PropertyKey[]): string {
  const [key, ...rest] = path;
  const inner = typeof key === 'string' ? objectIn(schema.shape[key]) : undefined;
  if (inner !== undefined) return `within ${String(key)}, ${fieldsWhere(inner, rest)}`;
  const fields = Object.entries(schema.shape).map(([field, rule]) =>
    z.safeParse(rule, undefined).success ? `${field}?` : field,
  );
  return `the fields are ${fields.join(', ')}`;
}

function objectIn(rule: z.core.$ZodType | undefined): z.ZodObject | undefined {
  const bare = rule instanceof z.ZodOptional ? rule.unwrap() : rule;
  return bare instanceof z.ZodObject ? bare : undefined;
}

/** A remedy in one sentence, from its changes. */
import type { PolicyChange } from '../model/evaluation.ts';
import { policyName } from '../policy/explain.ts';

export function summaryOf(changes: readonly PolicyChange[]): string {
  const steps = changes.map(stepText);
  const text = steps.join('; then ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function stepText(change: PolicyChange): string {
  const where = `${pathText(change.path)} of ${policyName(change.policy)}`;
  return `${change.op} ${valueText(change.value)} ${change.op === 'add' ? 'to' : 'in'} ${where} (${change.why})`;
}

function pathText(path: readonly (string | number)[]): string {
  const shown = path.at(-1) === '-' ? path.slice(0, -1) : path;
  return shown
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .slice(1);
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}

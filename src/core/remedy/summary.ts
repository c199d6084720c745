/** Changes in words: a remedy's in one sentence, a near miss's as it is. */
import type { PolicyChange } from '../model/evaluation.ts';
import { policyName } from '../policy/explain/sentences.ts';

export function summaryOf(changes: readonly PolicyChange[]): string {
  const steps = changes.map(changeText);
  const text = steps.join('; then ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** e.g. `add {"matchName":"files.vendor.example"} to spec.egress[1].toFQDNs of CiliumNetworkPolicy shop/checkout (lists …)`. */
export function changeText(change: PolicyChange): string {
  if (change.path.length === 0) return `create ${policyName(change.policy)} (${change.why})`;
  const where = `${pathText(change.path)} of ${policyName(change.policy)}`;
  return `${editText(change, where)} (${change.why})`;
}

function editText({ op, value }: PolicyChange, where: string): string {
  if (op === 'remove') return `remove ${where}`;
  return op === 'add' ? `add ${valueText(value)} to ${where}` : `replace ${where} by ${valueText(value)}`;
}

/** A label's key has dots of its own. */
function pathText(path: readonly (string | number)[]): string {
  const shown = path.at(-1) === '-' ? path.slice(0, -1) : path;
  const parts = shown.map((part) => (typeof part === 'number' ? `[${part}]` : keyText(part)));
  return parts.join('').replace(/^\./, '');
}

function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? `.${key}` : `["${key}"]`;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}

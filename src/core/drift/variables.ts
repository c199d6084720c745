/**
 * The variables of a Flux Kustomization as far as they are known; for `rendering.ts`. After LoadVariables and SubstituteVariables in fluxcd/pkg
 * kustomize/kustomize_varsub.go: sources in their order, each over those before it, and inline values over all.
 */
import type { FluxKustomization, VariableSource } from '../model/sync.ts';

export interface Variables {
  readonly values: Readonly<Record<string, string>>;
  /** What else may set any of the others; absent where these are all. */
  readonly unread?: string;
}

/** What a capture writes instead of a value. */
const LEFT_OUT = '[redacted]';

export function variablesOf({ substitute, substituteFrom = [] }: FluxKustomization): Variables {
  const values = new Map<string, string>();
  const unread: string[] = [];
  for (const source of substituteFrom) {
    const missing = unreadOf(source);
    // It may set again whatever came before it.
    if (missing !== undefined) {
      values.clear();
      unread.push(missing);
    }
    for (const [name, value] of Object.entries(source.values ?? {})) values.set(name, oneLine(value));
  }
  for (const [name, value] of Object.entries(substitute)) values.set(name, oneLine(value));
  const hidden = [...values].filter(([, value]) => value.includes(LEFT_OUT)).map(([name]) => name);
  for (const name of hidden) values.delete(name);
  if (hidden.length > 0) unread.push('values that a capture leaves out');
  return { values: Object.fromEntries(values), ...(unread.length > 0 && { unread: unread.slice(0, 3).join('; ') }) };
}

const oneLine = (value: string): string => value.replaceAll('\n', '');

/** What Flux takes as the name of a variable; with another one among the keys it builds nothing. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function unreadOf({ kind, name, values, notRead }: VariableSource): string | undefined {
  const label = `${kind} ${name} (postBuild.substituteFrom)`;
  if (values === undefined) return `${label}, ${notRead ?? 'which is not read'}`;
  const odd = Object.keys(values).find((key) => !NAME.test(key));
  return odd === undefined
    ? undefined
    : `${label}, whose key ${JSON.stringify(odd)} names no variable: Flux refuses it`;
}

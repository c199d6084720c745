/**
 * Flux's `postBuild.substitute` on one manifest (fluxcd/pkg/envsubst, kustomize-controller's "Post build variable substitution"):
 * pure; asked by `documents.ts` where a policy holds `${…}`.
 */
import { isList, isRecord, type Json, type JsonRecord } from '../../core/drift/json.ts';
import type { Rendering } from '../../ports/gitops-source.ts';

export type Substituted =
  | { readonly ok: true; readonly manifest: JsonRecord }
  | { readonly ok: false; readonly reason: string };

/** Objects that ask to be left as they are, by label or annotation. */
const SWITCH = 'kustomize.toolkit.fluxcd.io/substitute';
const NAME = '[A-Za-z_][A-Za-z0-9_]*';
/** `$$` is a literal `$`; `${name}`, `${name:-default}` and `${name:=default}`; anything else in braces is another function. */
const VARIABLE = new RegExp(`\\$\\$|\\$\\{(${NAME})(?::[-=]([^{}]*))?\\}|\\$\\{`, 'g');

class Unknown extends Error {}

export interface Substitution {
  readonly values: Readonly<Record<string, string>>;
  /** These are all: else a variable without a value is unknown, not empty, as Flux takes more from ConfigMaps and Secrets that are not read. */
  readonly areAll: boolean;
  /** Which these are, where that is known. */
  readonly unread?: string;
}

export function substitutionOf(rendering: Rendering): Substitution | undefined {
  const { substitute: values, substituteAll, substituteUnread: unread } = rendering;
  return values && { values, areAll: substituteAll === true, ...(unread !== undefined && { unread }) };
}

/** Of a variable without a default. With no value it is empty in Flux, and refused where its controller is strict (StrictPostBuildSubstitutions). */
function valueless(name: string, { areAll, unread }: Substitution): Unknown {
  const variable = `\${${name.slice(0, 60)}}`;
  if (unread !== undefined) return new Unknown(`not rendered: the value of ${variable} may come from ${unread}`);
  return areAll
    ? new Unknown(
        `not rendered: the value of ${variable} is not set: Flux makes it empty, or applies nothing if it is strict`,
      )
    : new Unknown(`not rendered: the value of ${variable} was not given`);
}

/** The very manifest where there is nothing to replace. */
export function substitute(manifest: JsonRecord, substitution: Substitution): Substituted {
  if (isSwitchedOff(manifest) || !JSON.stringify(manifest).includes('$')) return { ok: true, manifest };
  try {
    return { ok: true, manifest: inside(manifest, substitution) as JsonRecord };
  } catch (error) {
    if (!(error instanceof Unknown)) throw error;
    return { ok: false, reason: error.message };
  }
}

function isSwitchedOff({ metadata }: JsonRecord): boolean {
  if (!isRecord(metadata)) return false;
  return [metadata.labels, metadata.annotations].some((map) => isRecord(map) && map[SWITCH] === 'disabled');
}

function inside(value: Json, values: Substitution): Json {
  if (typeof value === 'string') return value.includes('$') ? scalar(value, replaced(value, values)) : value;
  if (isList(value)) return value.map((member) => inside(member, values));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.includes('$') ? replaced(key, values) : key,
      inside(member, values),
    ]),
  );
}

function replaced(text: string, substitution: Substitution): string {
  const { values, areAll } = substitution;
  return text.replace(VARIABLE, (whole: string, name: string | undefined, byDefault: string | undefined) => {
    if (whole === '$$') return '$';
    if (name === undefined) throw new Unknown('a substitution that is more than a variable, not rendered');
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    // An empty value counts as none (toDefault in envsubst/funcs.go).
    if (byDefault !== undefined && (value === '' || (value === undefined && areAll))) return byDefault;
    if (value === undefined) throw valueless(name, substitution);
    return value;
  });
}

/** What a YAML writer puts in quotes, and a YAML reader takes for more than text. */
const STRUCTURE = /[\n\r]|: |:$| #|^[\s&*!|>%@`"'{}[\],#]|^[-?:](\s|$)/;

/**
 * Flux writes the object as YAML, replaces in the text and reads it again: what stood there as `${port}` is then a number, what
 * had to be quoted (`*.${domain}`) stays text. A value that would become structure is left alone.
 */
function scalar(before: string, text: string): Json {
  const quoted = STRUCTURE.test(before);
  if (quoted ? /["'\\\n\r]/.test(text) : STRUCTURE.test(text)) {
    throw new Unknown('a substitution whose value could change the structure of the file, not rendered');
  }
  if (quoted) return text;
  if (/^[-+]?(0|[1-9][0-9]*)$/.test(text)) return Number(text);
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return /^(null|~|)$/i.test(text) ? null : text;
}

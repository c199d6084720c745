/** Safe YAML loading with the bounds hostile files need; under `documents.ts` and `patch-file.ts`. */
import { CORE_SCHEMA, constructFromEvents, type Event, mergeTag, YAMLException } from 'js-yaml';
import type { Json } from '../core/drift/json.ts';
import { sanitise } from '../core/text/sanitise.ts';
import { parseLeniently } from './lenient-events.ts';

/**
 * YAML 1.2 core scalars plus merge keys. Kubernetes tooling sits between 1.1 and 1.2; for what a policy holds the two agree
 * except for bare `yes`/`on`, which the API server refuses where a policy wants text.
 */
const SCHEMA = CORE_SCHEMA.withTags(mergeTag);
const MAX_DEPTH = 60;
const MAX_ALIASES = 200;
/** Nodes of one document with every alias expanded; a policy has some hundreds. */
const MAX_NODES = 50_000;

export type Loaded =
  | { readonly ok: true; readonly documents: readonly Json[]; readonly events: readonly Event[] }
  | { readonly ok: false; readonly reason: string };

/** Every document of the text, empty ones included, so that indices are those a person counts. */
export function loadYaml(text: string): Loaded {
  try {
    const { source, events, original } = parseLeniently(text, MAX_DEPTH);
    const options = { source, schema: SCHEMA, maxAliases: MAX_ALIASES, maxTotalMergeKeys: 1000 };
    const documents = constructFromEvents(events, options).map((document) => (document ?? null) as Json);
    const bomb = documents.some((document) => expandedSize(document, new Map()) > MAX_NODES);
    return bomb
      ? { ok: false, reason: 'its aliases expand to more than is read' }
      : { ok: true, documents, events: original };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

/** js-yaml asks callers to catch everything, not only its own exception. */
function reasonOf(error: unknown): string {
  if (!(error instanceof YAMLException)) return 'broken YAML';
  const line = error.mark === undefined ? '' : ` at line ${error.mark.line + 1}`;
  return `broken YAML${line}: ${sanitise(error.reason, 120)}`;
}

/** Counts shared nodes once for each place they appear in; a cycle is infinite. */
function expandedSize(value: unknown, known: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const counted = known.get(value);
  if (counted !== undefined) return counted;
  known.set(value, Number.POSITIVE_INFINITY);
  const size = Object.values(value).reduce<number>((sum, member) => sum + expandedSize(member, known), 1);
  known.set(value, size);
  return size;
}

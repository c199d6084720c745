/** What of a Git document decides how it is applied, beside the differences; kept by `report.ts` for the forecasts. */
import type { FieldDifference, GitSide } from '../model/drift.ts';
import { controlsOf } from './controls.ts';
import { isRecord, type Json, type JsonRecord } from './json.ts';

export function gitSideOf(manifest: JsonRecord, differences: readonly FieldDifference[]): GitSide {
  const { labels, annotations } = isRecord(manifest.metadata) ? manifest.metadata : {};
  return {
    controls: controlsOf(texts(labels), texts(annotations)),
    substitutes: JSON.stringify(manifest).includes('${'),
    unwritten: differences.map(({ path }) => path).filter((path) => !isWritten(manifest, path)),
  };
}

function texts(value: Json | undefined): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])),
  );
}

/** Fields that an apply replaces as a whole: lists, which are atomic in these kinds, and label selectors (x-kubernetes-map-type: atomic). */
const ATOMIC = /^(?:egress|egressDeny|specs|policyTypes|\w+Selector)$/;

/** Whether the document writes the field, or the whole that it is a part of. */
function isWritten(manifest: JsonRecord, path: string): boolean {
  let at: Json | undefined = manifest;
  for (const step of path.split(/[.[]/)) {
    at = isRecord(at) && Object.hasOwn(at, step) ? at[step] : undefined;
    if (at === undefined || at === null) return false;
    if (ATOMIC.test(step)) return true;
  }
  return true;
}

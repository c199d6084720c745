/** Says label by label why a name does not match a selector; the words behind `matchFqdn` and the wildcard near misses. */
import type { FqdnSelector } from '../model/policy.ts';
import { labelsOf } from '../net/dns-name.ts';

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** One clause; the caller has established that the two do not match in this minor. */
export function explainMismatch(name: string, selector: FqdnSelector, minor: number): string {
  const asked = labelsOf(name);
  if (selector.matchName) return explainLabels(name, asked, labelsOf(selector.matchName));
  const pattern = labelsOf(selector.matchPattern ?? '');
  if (minor >= 19 && /^\*{2,}$/.test(pattern[0] ?? '') && pattern.length > 1)
    return explainSpanning(name, asked, pattern);
  return explainPattern(name, asked, pattern);
}

function explainPattern(name: string, asked: readonly string[], pattern: readonly string[]): string {
  const wild = leadingWild(pattern);
  const tail = pattern.slice(wild);
  const tailFits = asked.length >= tail.length && fits(asked.slice(asked.length - tail.length), tail);
  if (asked.length === pattern.length || wild === 0 || !tailFits) return explainLabels(name, asked, pattern);
  const before = asked.length - tail.length;
  const stars = pattern.slice(0, wild).join('.');
  return `"${name}" has ${count(before)} where "${stars}" takes exactly ${WORDS[wild] ?? wild}`;
}

function explainSpanning(name: string, asked: readonly string[], pattern: readonly string[]): string {
  const tail = pattern.slice(1);
  const own = asked.slice(Math.max(0, asked.length - tail.length));
  if (own.length === tail.length && fits(own, tail))
    return `"${name}" has no label where "${pattern[0]}" takes one or more`;
  return explainLabels(name, own, tail);
}

/** Compares from the right, as names are read by authority, and reports the first label that differs. */
function explainLabels(name: string, asked: readonly string[], wanted: readonly string[]): string {
  const longest = Math.min(asked.length, wanted.length);
  for (let back = 1; back <= longest; back += 1) {
    const label = asked[asked.length - back] ?? '';
    const pattern = wanted[wanted.length - back] ?? '';
    if (!labelFits(label, pattern)) return `in "${name}" the label "${label}" is not "${pattern}"`;
  }
  if (asked.length === wanted.length) return `"${name}" differs from "${wanted.join('.')}"`;
  return `"${name}" has ${count(asked.length)}, "${wanted.join('.')}" has ${WORDS[wanted.length] ?? wanted.length}`;
}

/** How many labels at the start are a bare wildcard. */
function leadingWild(pattern: readonly string[]): number {
  const index = pattern.findIndex((label) => !/^\*+$/.test(label));
  return index === -1 ? pattern.length : index;
}

function fits(labels: readonly string[], pattern: readonly string[]): boolean {
  return labels.every((label, index) => labelFits(label, pattern[index] ?? ''));
}

function labelFits(label: string, pattern: string): boolean {
  if (!pattern.includes('*')) return label === pattern;
  const source = pattern
    .split(/\*+/)
    .map((part) => part.replace(/[^a-z0-9_-]/gi, ''))
    .join('[-a-z0-9_]*');
  return new RegExp(`^${source}$`).test(label);
}

function count(number: number): string {
  return `${WORDS[number] ?? number} label${number === 1 ? '' : 's'}`;
}

/** Says label by label why a name matches a pattern or not; the words behind `matchFqdn` and the wildcard near misses. */
import { labelsOf } from '../../net/dns-name.ts';
import type { Shape } from './matchers.ts';
import { matcherOf } from './matchers.ts';

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const OWN_ENTRY = 'the domain itself needs an entry of its own';

/** One clause; the caller has established that the two match. */
export function explainMatch(name: string, pattern: string, shape: Shape): string {
  const start = `"${name}" matches "${pattern}"`;
  const taken = takings(name, shape);
  return taken === '' ? start : `${start}: ${taken}`;
}

function takings(name: string, shape: Shape): string {
  switch (shape.kind) {
    case 'exact':
      return 'it is that name';
    case 'every':
      return 'it stands for every name';
    case 'labels':
      return labelTakings(labelsOf(name), shape.text.split('.'));
    case 'under': {
      const tail = shape.tail.split('.');
      const asked = labelsOf(name);
      const own = asked.slice(asked.length - tail.length);
      const front = `"${shape.stars}" takes "${asked.slice(0, asked.length - tail.length).join('.')}"`;
      return shape.tail.includes('*') ? `${front}, ${labelTakings(own, tail)}` : front;
    }
    case 'across':
      return acrossTaking(name, shape.text);
    case 'between':
      return `"*" takes "${name.slice(shape.before.length, name.length - shape.after.length)}"`;
  }
}

function labelTakings(asked: readonly string[], pattern: readonly string[]): string {
  return pattern
    .flatMap((label, index) => (label.includes('*') ? [`"${label}" takes "${asked[index] ?? ''}"`] : []))
    .join(', ');
}

function acrossTaking(name: string, text: string): string {
  const [before = '', after = '', ...more] = text.split('*');
  if (more.length > 0) return 'each "*" takes any part of a name, dots included';
  return `"*" takes "${name.slice(before.length, name.length - after.length)}"`;
}

/** One clause; the caller has established that the two do not match. `depth` says what a star of this dialect does with dots. */
export function explainMiss(name: string, shape: Shape, depth: string | undefined): string {
  const asked = labelsOf(name);
  switch (shape.kind) {
    case 'exact':
      return explainLabels(name, asked, shape.text.split('.'));
    case 'every':
      return `"${name}" is not a name of valid labels`;
    case 'labels':
      return explainWithin(name, shape.text.split('.'), depth);
    case 'under':
      return explainSpanning(name, shape.stars, shape.tail.split('.'));
    case 'across':
      return explainAcross(name, shape.text);
    case 'between':
      return explainBetween(name, shape);
  }
}

function explainWithin(name: string, pattern: readonly string[], depth: string | undefined): string {
  const asked = labelsOf(name);
  const wild = leadingWild(pattern);
  const tail = pattern.slice(wild);
  const tailFits = asked.length >= tail.length && fits(asked.slice(asked.length - tail.length), tail);
  if (asked.length === pattern.length || wild === 0 || !tailFits) return explainLabels(name, asked, pattern);
  const before = asked.length - tail.length;
  const stars = pattern.slice(0, wild).join('.');
  const why = before === 0 ? OWN_ENTRY : depth;
  return `"${name}" has ${count(before)} where "${stars}" takes exactly ${WORDS[wild] ?? wild}${why === undefined ? '' : ` (${why})`}`;
}

function explainSpanning(name: string, stars: string, tail: readonly string[]): string {
  const asked = labelsOf(name);
  const own = asked.slice(Math.max(0, asked.length - tail.length));
  if (own.length < tail.length || !fits(own, tail)) return explainLabels(name, own, tail);
  if (own.length === asked.length) return `"${name}" has no label where "${stars}" takes one or more (${OWN_ENTRY})`;
  return `"${name}" is not a name of valid labels`;
}

function explainAcross(name: string, text: string): string {
  const after = text.slice(text.lastIndexOf('*') + 1);
  if (`.${name}` === after) return `"${name}" is "${text}" without its first label (${OWN_ENTRY})`;
  if (after !== '' && !name.endsWith(after)) return `"${name}" does not end in "${after}"`;
  const before = text.slice(0, text.indexOf('*'));
  if (!name.startsWith(before)) return `"${name}" does not begin with "${before}"`;
  return `"${name}" does not have the parts of "${text}" in that order`;
}

function explainBetween(name: string, { before, after }: { before: string; after: string }): string {
  if (!`.${name}`.endsWith(after)) return explainLabels(name, labelsOf(name), labelsOf(after.replace(/^\./, '')));
  if (!`${name}.`.startsWith(before)) return `"${name}" does not begin with "${before}"`;
  const own = before === '' ? ` (${OWN_ENTRY})` : '';
  return `"${name}" has no label where "*" takes one or more${own}`;
}

/** Compares from the right, as names are read by authority, and reports the first label that differs. */
function explainLabels(name: string, asked: readonly string[], wanted: readonly string[]): string {
  const longest = Math.min(asked.length, wanted.length);
  for (let back = 1; back <= longest; back += 1) {
    const label = asked[asked.length - back] ?? '';
    const pattern = wanted[wanted.length - back] ?? '';
    if (labelFits(label, pattern)) continue;
    const same = asked.slice(asked.length - back + 1).join('.');
    return `in "${name}" the label "${label}" is not "${pattern}"${same === '' ? '' : ` ("${same}" fits)`}`;
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
  return matcherOf({ kind: 'labels', text: pattern })(label);
}

function count(number: number): string {
  return `${WORDS[number] ?? number} label${number === 1 ? '' : 's'}`;
}

/**
 * The five-field cron schedules of Argo CD's sync windows, asked whether one fires in a given minute; used by `sync-window.ts`. Strict: what
 * this does not read is undefined, never a guess. As in robfig/cron v3 (parser.go, spec.go), without its descriptors and time zone prefixes.
 */

/** The minutes, as UTC fields of a date, in which a schedule fires. */
export type Schedule = (minute: Date) => boolean;

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];

interface Field {
  readonly values: ReadonlySet<number>;
  /** Written as `*` or `?`: then the other of the two day fields decides alone. */
  readonly star: boolean;
}

export function parseSchedule(text: string): Schedule | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) return undefined;
  const fields = parts.map((part, at) => parseField(part, FIELDS[at] as Bounds));
  const [minute, hour, dom, month, dow] = fields;
  if (!minute || !hour || !dom || !month || !dow) return undefined;
  return (at) =>
    minute.values.has(at.getUTCMinutes()) &&
    hour.values.has(at.getUTCHours()) &&
    month.values.has(at.getUTCMonth() + 1) &&
    dayMatches(dom, dow, at);
}

/** Either day field is enough where both are restricted. */
function dayMatches(dom: Field, dow: Field, at: Date): boolean {
  const [inMonth, inWeek] = [dom.values.has(at.getUTCDate()), dow.values.has(at.getUTCDay())];
  return dom.star || dow.star ? inMonth && inWeek : inMonth || inWeek;
}

function parseField(text: string, bounds: Bounds): Field | undefined {
  const values = new Set<number>();
  let star = false;
  for (const part of text.split(',').filter((one) => one !== '')) {
    const range = parseRange(part, bounds);
    if (range === undefined || range.step === 0) return undefined;
    star ||= range.star;
    for (let value = range.from; value <= range.to; value += range.step) values.add(value);
  }
  return values.size === 0 ? undefined : { values, star };
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly star: boolean;
}

function parseRange(text: string, bounds: Bounds): Range | undefined {
  const match = /^([^-/]+)(?:-([^-/]+))?(?:\/(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, low = '', high, stepText = ''] = match;
  const step = stepText === '' ? 1 : Number(stepText);
  if (low === '*' || low === '?') return { from: bounds.min, to: bounds.max, step, star: step === 1 };
  // `N/step` runs to the end of the range.
  const last = high ?? (stepText === '' ? low : String(bounds.max));
  const [from = -1, to = -1] = [numberOf(low, bounds), numberOf(last, bounds)];
  return isWithin(bounds, from, to) ? { from, to, step, star: false } : undefined;
}

function isWithin({ min, max }: Bounds, from: number, to: number): boolean {
  return from >= min && to <= max && from <= to;
}

function numberOf(text: string, { names, min }: Bounds): number | undefined {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + min;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

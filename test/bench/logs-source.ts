/** Writes a block of lines over and over to standard output, with the time moving on, as fast as it is taken; run by `logs.ts`. */
import { readFileSync, writeSync } from 'node:fs';
import { STAMP } from './logs/lines.ts';

const NEWLINE = 10;
const PIPE_BYTES = 65_536;
/** Where in a stamp the hour stands; minute and second follow. */
const HOUR = 11;
const MILLISECOND = 20;

function startsOf(text: Buffer): Int32Array {
  const starts: number[] = [];
  for (let at = 0; at < text.length; at = text.indexOf(NEWLINE, at + STAMP.length) + 1) starts.push(at);
  return Int32Array.from(starts);
}

/** Digits in place: one line, one millisecond. */
function stamp(text: Buffer, at: number, tick: number): void {
  const seconds = Math.floor(tick / 1000);
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  for (const [index, two] of parts.entries()) {
    text[at + HOUR + index * 3] = 48 + Math.floor(two / 10);
    text[at + HOUR + 1 + index * 3] = 48 + (two % 10);
  }
  text[at + MILLISECOND] = 48 + (Math.floor(tick / 100) % 10);
  text[at + MILLISECOND + 1] = 48 + (Math.floor(tick / 10) % 10);
  text[at + MILLISECOND + 2] = 48 + (tick % 10);
}

const [file = '', wanted = '0'] = process.argv.slice(2);
const text = readFileSync(file);
const starts = startsOf(text);
let tick = 0;
for (let left = Number(wanted); left > 0; left -= text.length) {
  for (const at of starts) stamp(text, at, (tick += 1));
  const end = Math.min(left, text.length);
  for (let at = 0; at < end; ) at += writeSync(1, text, at, Math.min(PIPE_BYTES, end - at));
}

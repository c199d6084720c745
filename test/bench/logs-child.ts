/** Reads a log from standard input as the log port does and prints what it found and the peak of its memory; run by `logs.ts`. */
import { createLogReader } from '../../src/logs/read-log.ts';
import { compilePattern } from '../../src/logs/safe-pattern/compile.ts';

const pattern = process.argv[2];
const reader = createLogReader({ container: 'app' }, pattern === undefined ? undefined : compilePattern(pattern));
for await (const chunk of process.stdin as AsyncIterable<Buffer>) reader.push(chunk);
const { lines, bytes, failures, urls, matches } = reader.finish();
const counted = failures.reduce((sum, { count }) => sum + count, 0);
const peak = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  `${JSON.stringify({ lines, bytes, kinds: failures.length, failures: counted, urls: urls.length, matches: matches.length, peakMegabytes: Math.round(peak) })}\n`,
);

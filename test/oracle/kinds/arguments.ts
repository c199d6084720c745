/** What every oracle's command takes: `[--count N] [--seed S] [--check FILE] [--write-vectors]`. */
import { parseArgs } from 'node:util';

export interface Arguments {
  readonly count: number;
  readonly seed: number;
  /** Compare the oracle with the cases of this file instead of new ones. */
  readonly check?: string;
  /** Keep the cases as the vectors that `npm test` checks. */
  readonly writeVectors: boolean;
}

export function readArguments(defaults: { readonly count: number; readonly seed: number }): Arguments {
  const { values } = parseArgs({
    options: {
      count: { type: 'string' },
      seed: { type: 'string' },
      check: { type: 'string' },
      'write-vectors': { type: 'boolean', default: false },
    },
  });
  return {
    count: wholeNumber('--count', values.count) ?? defaults.count,
    seed: wholeNumber('--seed', values.seed) ?? defaults.seed,
    ...(values.check !== undefined && { check: values.check }),
    writeVectors: values['write-vectors'],
  };
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${option} takes a whole number, not ${text}`);
  return Number(text);
}

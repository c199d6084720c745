/** Loaded before every test file: makes an expectation that could not fail an error. */
import { expect } from 'vitest';

/** Vitest takes a regular expression inside `toMatchObject` for an object without properties, which every value matches. */
function refuseExpressions(_actual: unknown, expected: unknown): undefined {
  if (expected instanceof RegExp)
    throw new Error(`${String(expected)} matches anything here: write expect.stringMatching(${String(expected)})`);
}

expect.addEqualityTesters([refuseExpressions]);

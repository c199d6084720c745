/**
 * fast-check with one seed for every run, so that a red run is red again; `FAST_CHECK_SEED=random` or a number looks elsewhere. Every
 * property test imports it from here.
 */
import * as fc from 'fast-check';

const wanted = process.env['FAST_CHECK_SEED'];
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted ?? 2026) });

export * from 'fast-check';

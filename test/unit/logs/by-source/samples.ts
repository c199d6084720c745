/** All samples by source, by area; for `by-source.test.ts`. */
import { PROXY_SAMPLES } from './proxies.ts';
import type { SourceSample } from './sample.ts';

export const SAMPLES: Readonly<Record<string, readonly SourceSample[]>> = {
  proxies: PROXY_SAMPLES,
};

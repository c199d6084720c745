/** All samples by source, by area; for `by-source.test.ts`. */
import { DOTNET_SAMPLES } from './dotnet.ts';
import { JVM_SAMPLES } from './jvm.ts';
import { OTHER_SAMPLES } from './others.ts';
import { PROXY_SAMPLES } from './proxies.ts';
import type { SourceSample } from './sample.ts';

export const SAMPLES: Readonly<Record<string, readonly SourceSample[]>> = {
  proxies: PROXY_SAMPLES,
  '.NET': DOTNET_SAMPLES,
  JVM: JVM_SAMPLES,
  others: OTHER_SAMPLES,
};

/** Inputs of a chart as a controller gives them, for the tests of rendering. */
import type { HelmInputs } from '../../../src/core/model/sync.ts';

export const helmInputs = (more: Partial<HelmInputs> = {}): HelmInputs => ({
  release: 'shop',
  namespace: 'shop',
  valueFiles: [],
  missingFilesAllowed: false,
  values: [],
  parameters: [],
  readsCluster: false,
  unknown: [],
  ...more,
});

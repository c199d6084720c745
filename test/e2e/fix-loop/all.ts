/** Every scenario, or those that K8S_EGRESS_LOOP_ONLY names (separated by commas). */
import { addressScenarios } from './addresses.ts';
import { dnsScenarios } from './dns.ts';
import { layoutScenarios } from './layout.ts';
import { nameScenarios } from './names.ts';
import { portScenarios } from './ports.ts';
import type { Scenario } from './scenario.ts';
import { scopeScenarios } from './scope.ts';

const all: readonly Scenario[] = [
  ...nameScenarios,
  ...dnsScenarios,
  ...portScenarios,
  ...addressScenarios,
  ...scopeScenarios,
  ...layoutScenarios,
];
const only = process.env['K8S_EGRESS_LOOP_ONLY']?.split(',');

export const scenarios: readonly Scenario[] = all.filter(({ name }) => only === undefined || only.includes(name));

/** The settings of engines other than Cilium, read once it is known which one runs; a step of `read-state.ts`. */
import type { EngineFacts, NotRead } from '../core/model/cluster-state.ts';
import type { ObjectMeta } from '../core/model/object-meta.ts';
import type { AwsSources } from './aws.ts';
import { withAwsSettings } from './aws.ts';
import { configMapSchema } from './decode/engine-objects.ts';
import type { Gatherer } from './gather.ts';
import { CONFIG_MAPS } from './resources.ts';

export interface Configured {
  readonly engine: EngineFacts;
  readonly notRead: readonly NotRead[];
  /** Of the ConfigMap that the settings are from. */
  readonly written?: ObjectMeta;
}

export async function withSettings(gather: Gatherer, engine: EngineFacts, sources: AwsSources): Promise<Configured> {
  if (engine.cni === 'aws-vpc-cni') return withAwsSettings(gather, engine, sources);
  return engine.cni === 'antrea' ? withFeatureGates(gather, engine) : { engine, notRead: [] };
}

/** Antrea's two configuration files (build/charts/antrea/templates/configmap.yaml); old releases gave the ConfigMap another name each. */
async function withFeatureGates(gather: Gatherer, engine: EngineFacts): Promise<Configured> {
  const { values, notRead } = await gather.one(CONFIG_MAPS, configMapSchema, {
    namespace: 'kube-system',
    name: 'antrea-config',
  });
  const [found] = values;
  return {
    engine: { ...engine, ...(found && { config: found.data }) },
    ...(found && { written: found.meta }),
    notRead: notRead.filter(({ code }) => code !== 'not_found'),
  };
}

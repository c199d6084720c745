/** Which host of Istio's registry was probably meant to take a blocked connection, and why it does not; for `istio.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import { policyName } from '../explain/sentences.ts';
import { explainPattern } from '../fqdn/dialects.ts';
import { sharedParent } from '../fqdn/name-family.ts';
import type { RegistryHost } from './istio-registry.ts';
import { namesFor, registryOf } from './istio-registry.ts';
import type { IstioScope, Offer } from './istio-scope.ts';
import { visibleHosts } from './istio-scope.ts';
import type { Attempt } from './istio-take.ts';
import { SPOKEN } from './speech.ts';

export interface Blocked {
  readonly state: ClusterState;
  readonly scope: IstioScope;
  readonly offers: readonly Offer[];
  readonly port: number;
}

/** One sentence; undefined where nothing in the registry looks like it. */
export function meantHost(blocked: Blocked, attempt: Attempt): string | undefined {
  const { host: name, pod } = attempt;
  if (name === undefined) return undefined;
  const all = registryOf(blocked.state);
  const named = all.filter((host) => namesFor(host, pod).includes(name) || host.matches(name));
  const best = named.find(({ isService }) => !isService) ?? named[0];
  if (best !== undefined) return `${policyName(best.ref)} names it, but ${whyNot(blocked, best, attempt)}.`;
  const near = all.find(
    ({ host, isService }) => !isService && sharedParent(name, host.replace(/^\*\.?/, '')) !== undefined,
  );
  return near && `${policyName(near.ref)} is near: ${explainPattern(name, near.host, 'istio').replace(/\.$/, '')}.`;
}

function whyNot({ state, scope, offers, port }: Blocked, host: RegistryHost, { speech }: Attempt): string {
  if (!visibleHosts(state, scope).includes(host)) return `it is not exported to namespace ${scope.namespace}`;
  if (!host.ports.some(({ number }) => number === port))
    return `it lists no port ${port} (${host.ports.map(({ number }) => number).join(', ') || 'none at all'})`;
  const offer = offers.find((one) => one.host === host);
  if (offer === undefined) return hidden(scope);
  const takesSpeech = { http: ['http', 'tcp', 'auto'], tls: ['tls', 'tcp', 'auto'], tcp: ['tcp', 'auto'] }[speech];
  if (!takesSpeech.includes(offer.kind))
    return `its port ${port} is for ${offer.kind.toUpperCase()}, and ${SPOKEN[speech]} is taken to be what the client speaks`;
  return 'it lists other addresses';
}

function hidden({ sidecar }: IstioScope): string {
  if (sidecar === undefined) return 'another namespace has the same name in the registry';
  return `the hosts of Sidecar ${sidecar.meta.namespace}/${sidecar.meta.name} leave it out for this port`;
}

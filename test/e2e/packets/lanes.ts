/**
 * Where the sets are tried: lanes side by side, each a namespace with names and addresses of its own. The FQDN cache is the
 * node's, so no lane may look up or connect to what another lane's policies are about.
 */

import { sites } from '../../lab/internet/zone.ts';
import { plan } from '../../lab/plan.ts';

export interface Lane {
  readonly namespace: string;
  /** Ends the name of everything clusterwide that belongs to the lane. */
  readonly letter: string;
  readonly names: Names;
  readonly addresses: { readonly api: string; readonly store: string; readonly other: string };
}

/** `files` is an alias (CNAME) of `store`, so they share an address. */
interface Names {
  readonly api: string;
  readonly files: string;
  readonly store: string;
  readonly other: string;
}

/** The peers' namespace, which no policy of a lane selects. */
export const SHOP = 'packets-shop';
export const STORE_SERVICE = `store.${SHOP}.svc.${plan.clusterDomain}`;
export const API_SERVICE = `kubernetes.default.svc.${plan.clusterDomain}`;
/** On everything clusterwide, for the cleaning up. */
export const OWNER = { 'egress-e2e': 'packets' } as const;

export const lanes: readonly Lane[] = ['a', 'b', 'c', 'd'].map((letter) => {
  const store = site(`blob-${letter}.store.example`);
  const files = store.aliases?.[0];
  if (files === undefined) throw new Error(`${store.name} has no alias in the lab's zone`);
  const api = site(`api-${letter}.vendor.example`);
  const other = site(`other-${letter}.example`);
  return {
    namespace: `packets-${letter}`,
    letter,
    names: { api: api.name, files, store: store.name, other: other.name },
    addresses: { api: api.address, store: store.address, other: other.address },
  };
});

export function namesOf({ names }: Lane): readonly string[] {
  return [names.api, names.files, names.store, names.other];
}

function site(name: string) {
  const found = sites.find((one) => one.name === name);
  if (!found) throw new Error(`${name} is not in the lab's zone`);
  return found;
}

/** Addresses that only the running cluster knows. */
export interface Places {
  readonly peer: string;
  readonly storeService: string;
  readonly apiService: string;
  readonly node: string;
}

/** One thing the pod tries: a name that is looked up first, or an address alone. */
export interface Target {
  readonly id: string;
  readonly host?: string;
  /** What the name stands for, known beforehand: tried even if the lookup fails. */
  readonly address: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

export function targetsOf({ names, addresses }: Lane, places: Places): readonly Target[] {
  const tcp = { protocol: 'TCP' } as const;
  return [
    { id: 'name', host: names.api, address: addresses.api, port: 443, ...tcp },
    { id: 'other port', host: names.api, address: addresses.api, port: 8443, ...tcp },
    { id: 'alias', host: names.files, address: addresses.store, port: 443, ...tcp },
    { id: "alias's target", host: names.store, address: addresses.store, port: 443, ...tcp },
    { id: 'second name', host: names.other, address: addresses.other, port: 443, ...tcp },
    { id: 'service', host: STORE_SERVICE, address: places.storeService, port: 80, ...tcp },
    { id: 'kube-apiserver', host: API_SERVICE, address: places.apiService, port: 443, ...tcp },
    // Its server refuses connections, so a closed port is what an allowed packet meets.
    { id: 'address', address: site('refused.example').address, port: 443, ...tcp },
    { id: "name's address", address: addresses.store, port: 8443, ...tcp },
    { id: 'pod', address: places.peer, port: 8080, ...tcp },
    { id: 'node', address: places.node, port: 10250, ...tcp },
    { id: 'outside DNS', address: plan.publicDns, port: 53, protocol: 'UDP' },
  ];
}

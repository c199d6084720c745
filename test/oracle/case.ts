/** What is asked and answered: the shape of a policy case, shared by generators, engines and vectors. */
import type { RawObject } from '../../src/cluster/object-reader.ts';

/** A cluster without policies; many cases share one. */
export interface World {
  readonly id: string;
  /** Keys of cilium-config. */
  readonly config: Readonly<Record<string, string>>;
  readonly objects: readonly RawObject[];
  /** The servers behind the cluster's DNS, as NAMESPACE/POD and port: Service translation isn't the policy engine's. */
  readonly dns: readonly { readonly pod: string; readonly port: number }[];
}

export interface Query {
  /** NAMESPACE/NAME. */
  readonly pod: string;
  /** The name looked up before; absent when an address is used. */
  readonly host?: string;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
}

export interface PolicyCase {
  readonly id: string;
  readonly world: string;
  /** Policies and CIDR groups. */
  readonly objects: readonly RawObject[];
  readonly queries: readonly Query[];
}

/** `depends`: the state decides no single answer, e.g. addresses that differ, or a name that the pod does not teach. */
export interface Answer {
  readonly lookup?: 'allowed' | 'denied' | 'refused' | 'depends';
  /** The lookup teaches the engine the addresses. */
  readonly learned?: boolean;
  /** `explicit`: by a deny rule; `default`: nothing allows it; `denied`: some address so, some other so. */
  readonly connect: 'allowed' | 'explicit' | 'default' | 'denied' | 'depends';
  /** The parser of the proxy that the connection is redirected to. */
  readonly redirect?: string;
  /** The engine could not work out a policy for the pod. */
  readonly error?: string;
}

export interface PolicyAnswer {
  /** Why the agent refuses the policy. */
  readonly error?: string;
  /** Why the API server would not have stored it. */
  readonly rejected?: string;
}

export interface CaseAnswer {
  /** One for each policy of the case, in order, CIDR groups left out. */
  readonly policies: readonly PolicyAnswer[];
  readonly answers: readonly Answer[];
}

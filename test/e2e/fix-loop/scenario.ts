/** What a scenario of the fix loop is: a set of names, the files in Git that block one of them, and what has to come of it. */
import type { CauseClass } from '../../../src/core/model/diagnosis.ts';
import { sites } from '../../lab/internet/zone.ts';

/** Names and addresses that no other scenario uses: the FQDN cache is the node's. */
export interface Place {
  readonly namespace: string;
  readonly domain: string;
  readonly api: string;
  readonly files: string;
  readonly other: string;
  readonly address: { readonly api: string; readonly files: string; readonly other: string };
}

export type PodName = 'caller' | 'neighbour' | 'stranger';

export interface Scenario {
  /** Of the folder, and the end of the namespace's name. */
  readonly name: string;
  /** In the lab's zone. */
  readonly set: number;
  /** In the scenario's folder; what is there is applied. */
  readonly files: (at: Place) => Readonly<Record<string, string>>;
  /** Where the folder's part begins that is applied, if that is not all of it. */
  readonly applied?: string;
  /** `files` on 443 where nothing is said. */
  readonly asks?: (at: Place) => { readonly host: string; readonly port: number };
  /** More that is measured beside the set's names; the address is for names that lead there. */
  readonly alsoMeasured?: (at: Place) => readonly Measured[];
  /** Objects that stand beside the pods and are no policies. */
  readonly beside?: (at: Place) => string;
  /** Replaces the waiting pod. */
  readonly application?: (at: Place) => string;
  /** How the change gets into the repository; the diff with git's own apply where nothing is said. */
  readonly by?: 'write' | 'branch';
  readonly expects: Expected;
}

export interface Measured {
  readonly host: string;
  readonly port: number;
  /** Undefined where only the running cluster knows it. */
  readonly address?: string;
}

export interface Expected {
  readonly cause: CauseClass;
  readonly underlying?: CauseClass;
  /** The lines that the diff adds and takes away, without the signs and the spaces around; the whole of both. */
  readonly added: (at: Place) => readonly string[];
  readonly removed?: (at: Place) => readonly string[];
  /** The changed files, from the scenario's folder. */
  readonly changes: readonly string[];
  /** There is no change to propose, and part of what is said instead; the rest of what is expected is then empty. */
  readonly noFix?: string;
  /** The owner has to agree first. */
  readonly consent?: boolean;
  /** Where the name cannot be looked up yet, what is beyond the lookup is not known; `allowed` where nothing is said. */
  readonly after?: 'unknown';
  /** Part of a warning that comes with the change. */
  readonly warns?: string;
  /** What is open after the change and was not before, beside what was asked for: `neighbour files:443`, `caller lookup other`. */
  readonly gains?: readonly string[];
}

export function placeOf({ name, set }: Scenario): Place {
  const domain = `${String(set).padStart(2, '0')}.loop.example`;
  const [api, files, other] = [`api.${domain}`, `files.${domain}`, `other.${domain}`];
  const address = { api: addressOf(api), files: addressOf(files), other: addressOf(other) };
  return { namespace: `loop-${name}`, domain, api, files, other, address };
}

export function addressOf(name: string): string {
  const found = sites.find((site) => site.name === name);
  if (found === undefined) throw new Error(`${name} is not in the lab's zone`);
  return found.address;
}

export function askedBy(scenario: Scenario, at: Place): { readonly host: string; readonly port: number } {
  return scenario.asks?.(at) ?? { host: at.files, port: 443 };
}

/**
 * Rules and sections that are worked out when first asked for: most policies of a cluster never select the pod in question, and most rules
 * are not for its port. Used by the translators. Classes, because an object with a getter of its own is a hash table to the engine that
 * runs this, and a cluster has tens of thousands of rules.
 */
import type { PeerSet, PolicyRule, PolicySection } from './rule.ts';

type Head = Pick<PolicySection, 'path' | 'subject' | 'isolates'>;

export function lazySection(head: Head, make: () => readonly PolicyRule[]): PolicySection {
  return new LazySection(head, make);
}

class LazySection implements PolicySection {
  readonly path: PolicySection['path'];
  readonly subject: PolicySection['subject'];
  readonly isolates: PolicySection['isolates'];
  #rules: readonly PolicyRule[] | (() => readonly PolicyRule[]);

  constructor({ path, subject, isolates }: Head, make: () => readonly PolicyRule[]) {
    this.path = path;
    this.subject = subject;
    this.isolates = isolates;
    this.#rules = make;
  }

  get rules(): readonly PolicyRule[] {
    if (typeof this.#rules === 'function') this.#rules = this.#rules();
    return this.#rules;
  }
}

type Written = Pick<PolicyRule, 'policy' | 'effect' | 'path' | 'portsPath' | 'ports' | 'l7'>;

/** @param peers may be asked for more than once */
export function lazyRule(written: Written, peers: () => PeerSet): PolicyRule {
  return new LazyRule(written, peers);
}

class LazyRule implements PolicyRule {
  readonly policy: PolicyRule['policy'];
  readonly effect: PolicyRule['effect'];
  readonly path: string;
  declare readonly portsPath?: string;
  readonly ports: PolicyRule['ports'];
  readonly l7: PolicyRule['l7'];
  #peers: PeerSet | (() => PeerSet);

  constructor({ policy, effect, path, portsPath, ports, l7 }: Written, peers: () => PeerSet) {
    this.policy = policy;
    this.effect = effect;
    this.path = path;
    if (portsPath !== undefined) this.portsPath = portsPath;
    this.ports = ports;
    this.l7 = l7;
    this.#peers = peers;
  }

  get peers(): PeerSet {
    if (typeof this.#peers === 'function') this.#peers = this.#peers();
    return this.#peers;
  }
}

/** Makes the value when first asked, and gives the same ever after. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

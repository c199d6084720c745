/** Counts agreement of engine and oracle over many cases and keeps the first disagreements to look at. */
import type { Query, Raw, World } from './world.ts';

export interface Disagreement {
  readonly name: string;
  readonly world: World;
  readonly objects: readonly Raw[];
  readonly query: Query;
  readonly oracle: string;
  readonly ours: string;
}

export interface Compared extends Omit<Disagreement, 'query'> {
  readonly queries: readonly Query[];
}

export class Tally {
  cases = 0;
  queries = 0;
  disagreements = 0;
  unknowns = 0;
  readonly kept: Disagreement[] = [];

  add({ queries, oracle, ours, ...rest }: Compared): void {
    if (queries.length !== oracle.length || queries.length !== ours.length)
      throw new Error(`${rest.name}: ${queries.length} questions, ${oracle.length} and ${ours.length} answers`);
    this.cases += 1;
    this.queries += queries.length;
    let first = true;
    for (const [at, query] of queries.entries()) {
      if (ours[at] === oracle[at]) continue;
      if (ours[at] === 'u') this.unknowns += 1;
      if (ours[at] !== 'u') this.disagreements += 1;
      if (first && this.kept.length < 5)
        this.kept.push({ ...rest, query, oracle: oracle[at] ?? '', ours: ours[at] ?? '' });
      first = false;
    }
  }

  text(): string {
    return `${this.cases} cases, ${this.queries} questions: ${this.disagreements} disagreements, ${this.unknowns} unknown`;
  }

  /** Prints the counts and the first disagreements; ends the process with 1 if there are any. */
  report(title: string): void {
    process.stdout.write(`${title}: ${this.text()}\n`);
    for (const { world, ...one } of this.kept) {
      const from = world.pods[one.query.from];
      const to = world.pods.find(({ ips }) => ips.includes(one.query.address));
      process.stdout.write(`${JSON.stringify({ ...one, from, to, namespaces: world.namespaces })}\n`);
    }
    if (this.disagreements + this.unknowns > 0) process.exitCode = 1;
  }
}

/** Runs a parsed pattern over a line with a set of states instead of backtracking: time grows with the line, never with its content. */
import { invalidPattern, LINE_END, LINE_START, type Tree } from './parse.ts';

interface Step {
  readonly accepts: (unit: number) => boolean;
  readonly next: number;
}
/** A node reads one symbol or leads on without reading. */
type Node = { step?: Step; free: number[] };

const MAX_NODES = 1500;
const MAX_STATES = 1000;
const MAX_CACHED = 2000;
const DONE = 0;
const ASCII = 128;

/** Thompson's construction, from the end backwards: `build(tree, next)` is the node from which `tree` then `next` is read. */
function build(nodes: Node[], tree: Tree, next: number): number {
  if (nodes.length > MAX_NODES) throw invalidPattern('is too large once its repetitions are written out');
  if (tree.kind === 'one') return nodes.push({ step: { accepts: tree.accepts, next }, free: [] }) - 1;
  if (tree.kind === 'row') return tree.parts.reduceRight((after, part) => build(nodes, part, after), next);
  if (tree.kind === 'either') return nodes.push({ free: tree.parts.map((part) => build(nodes, part, next)) }) - 1;
  let after = next;
  if (tree.max === Infinity) {
    const loop: Node = { free: [next] };
    after = nodes.push(loop) - 1;
    loop.free.push(build(nodes, tree.part, after));
  } else {
    for (let i = tree.min; i < tree.max; i++) after = nodes.push({ free: [next, build(nodes, tree.part, after)] }) - 1;
  }
  for (let i = 0; i < tree.min; i++) after = build(nodes, tree.part, after);
  return after;
}

function closure(nodes: readonly Node[], from: Iterable<number>): readonly number[] {
  const seen = new Set<number>();
  const open = [...from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(nodes[at]?.free ?? []));
  }
  return [...seen].sort((a, b) => a - b);
}

/** A state of the search: which nodes it stands for, and where each character leads, filled as characters come. */
interface State {
  readonly nodes: readonly number[];
  readonly done: boolean;
  /** By code unit below 128: the state's number, or -1 where it has not been asked for. */
  readonly ascii: Int32Array;
  readonly others: Map<number, number>;
}

/** A search for the pattern anywhere in a line. The states met are kept, so that most characters cost one look-up. */
export function compileTree(tree: Tree): (line: string) => boolean {
  const nodes: Node[] = [{ free: [] }];
  const first = build(nodes, tree, DONE);
  const start = closure(nodes, [first]);
  const numbers = new Map<string, number>();
  let states: State[] = [];
  const numberOf = (set: readonly number[]): number => {
    const key = set.join();
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const state = { nodes: set, done: set.includes(DONE), ascii: new Int32Array(ASCII).fill(-1), others: new Map() };
    numbers.set(key, states.push(state) - 1);
    return states.length - 1;
  };
  const step = (state: State, unit: number): number => {
    const steps = state.nodes.flatMap((at) => nodes[at]?.step ?? []);
    const reached = steps.filter(({ accepts }) => accepts(unit)).map(({ next }) => next);
    const next = numberOf(closure(nodes, [...reached, first]));
    if (unit >= 0 && unit < ASCII) state.ascii[unit] = next;
    else if (state.others.size < MAX_CACHED) state.others.set(unit, next);
    return next;
  };
  const move = (at: number, unit: number): number => {
    const state = states[at] as State;
    const known = unit >= 0 && unit < ASCII ? (state.ascii[unit] as number) : (state.others.get(unit) ?? -1);
    if (known >= 0) return known;
    const next = step(state, unit);
    if (states.length <= MAX_STATES) return next;
    const { nodes: set } = states[next] as State;
    numbers.clear();
    states = [];
    return numberOf(set);
  };
  const matchesNothing = start.includes(DONE);
  return (line) => {
    let at = move(numberOf(start), LINE_START);
    for (let i = 0; i < line.length && !(states[at] as State).done; i++) at = move(at, line.charCodeAt(i));
    return matchesNothing || (states[at] as State).done || (states[move(at, LINE_END)] as State).done;
  };
}

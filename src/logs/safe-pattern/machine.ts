/** Runs a parsed pattern over a line with a set of states instead of backtracking: time grows with the line, never with its content. */
import { invalidPattern, LINE_END, LINE_START, type Tree } from './parse.ts';

interface Step {
  readonly accepts: (unit: number) => boolean;
  readonly next: number;
}
/** A node reads one symbol or leads on without reading. */
type Node = { step?: Step; free: number[] };

const MAX_NODES = 1500;
const MAX_CACHED = 2000;
const DONE = 0;

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

interface State {
  readonly nodes: readonly number[];
  readonly done: boolean;
  readonly moves: Map<number, State>;
}

/** A search for the pattern anywhere in a line. The states met are kept, so that most characters cost one look-up. */
export function compileTree(tree: Tree): (line: string) => boolean {
  const nodes: Node[] = [{ free: [] }];
  const first = build(nodes, tree, DONE);
  const states = new Map<string, State>();
  const stateOf = (set: readonly number[]): State => {
    const key = set.join();
    const known = states.get(key);
    if (known) return known;
    if (states.size > MAX_CACHED) states.clear();
    const state: State = { nodes: set, done: set.includes(DONE), moves: new Map() };
    states.set(key, state);
    return state;
  };
  const start = closure(nodes, [first]);
  const move = (state: State, unit: number): State => {
    const cached = state.moves.get(unit);
    if (cached) return cached;
    const steps = state.nodes.flatMap((at) => nodes[at]?.step ?? []);
    const reached = steps.filter((step) => step.accepts(unit)).map((step) => step.next);
    const next = stateOf(closure(nodes, [...reached, first]));
    if (state.moves.size < MAX_CACHED) state.moves.set(unit, next);
    return next;
  };
  return (line) => {
    let state = move(stateOf(start), LINE_START);
    for (let i = 0; i < line.length && !state.done; i++) state = move(state, line.charCodeAt(i));
    return state.done || move(state, LINE_END).done || stateOf(start).done;
  };
}

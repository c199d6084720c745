/** Writes another value in the place of one in a YAML text; used by `splice.ts`. */
import { isList, isRecord, type Json } from '../core/drift/json.ts';
import { columnOf } from './house-style.ts';
import { renderBlock, renderFlow } from './render-value.ts';
import type { Value } from './splice-add.ts';
import { type Editing, replaceRange } from './splice-text.ts';
import type { YamlNode } from './yaml-tree.ts';

/** `after`: past the colon or dash that the value belongs to. */
export function replaceValue(editing: Editing, node: YamlNode, place: Value & { readonly after: number }): string {
  const { text, style, eol } = editing;
  const { value, key, after } = place;
  if (isBlock(node) && staysBlock(node, value)) {
    const pad = eol + ' '.repeat(columnOf(text, node.start));
    return replaceRange(text, node.start, node.end, renderBlock(value, key, style).join(pad));
  }
  const rendered = renderFlow(value, key, style);
  if (isBlock(node) || (node.kind === 'scalar' && node.empty))
    return replaceRange(text, after, Math.max(after, node.end), ` ${rendered}`);
  return replaceRange(text, node.start, node.end, rendered);
}

function isBlock(node: YamlNode): node is YamlNode & { kind: 'map' | 'seq' } {
  return (node.kind === 'map' || node.kind === 'seq') && !node.flow;
}

/** A block list or mapping can only be followed in its place by one of its own kind that is not empty. */
function staysBlock(node: YamlNode, value: Json): boolean {
  if (node.kind === 'seq') return isList(value) && value.length > 0;
  return isRecord(value) && Object.keys(value).length > 0;
}

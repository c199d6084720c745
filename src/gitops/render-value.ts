/** A JSON value as YAML text in a file's own style; `splice.ts` puts it in place. */
import { type Document, dump, type Node, SCALAR_STYLE } from 'js-yaml';
import type { Json } from '../core/drift/json.ts';
import type { HouseStyle } from './house-style.ts';

/** Lines of block style without indentation of their own. `key` names the mapping key the value belongs to, for its quotes. */
export function renderBlock(value: Json, key: string, style: HouseStyle): readonly string[] {
  const options = { indent: style.indent, seqNoIndent: style.flushSequences };
  return render(value, key, style, options).trimEnd().split('\n');
}

/** One line, collections in brackets. */
export function renderFlow(value: Json, key: string, style: HouseStyle): string {
  const options = { flowLevel: 0, flowBracketPadding: style.padded, quoteFlowKeys: style.quotedKeys };
  return render(value, key, style, options).trim();
}

function render(value: Json, key: string, style: HouseStyle, options: object): string {
  return dump(value, {
    ...options,
    lineWidth: -1,
    noRefs: true,
    quoteStyle: style.quote,
    transform: (documents: Document[]) => {
      for (const document of documents) if (document.contents !== null) quoteLike(document.contents, key, style);
    },
  });
}

/** Gives text the quotes that the file gives to values of the same key. */
function quoteLike(node: Node, key: string, style: HouseStyle): void {
  if (node.kind === 'sequence') for (const item of node.items) quoteLike(item, key, style);
  else if (node.kind === 'mapping') {
    for (const { key: name, value } of node.items) quoteLike(value, name.kind === 'scalar' ? name.value : '', style);
  } else if (node.kind === 'scalar' && node.tag.endsWith(':str')) {
    const quotes = style.quotedKeys ? SCALAR_STYLE.DOUBLE_QUOTED : style.quotes.get(key);
    if (quotes === SCALAR_STYLE.DOUBLE_QUOTED || quotes === SCALAR_STYLE.SINGLE_QUOTED) node.style = quotes;
  }
}

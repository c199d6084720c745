/** Texts of objects that a tenant may have written, in sentences of ours: whole only where they cannot be more than a name; for owners and forecasts. */

const NAME = /^[\w.@:/~+#*%-]{1,200}$/;
const LEFT_OUT = '(a text that is no name)';

export function plain(text: string | undefined): string {
  return text !== undefined && NAME.test(text) ? text : LEFT_OUT;
}

export function isPlain(text: string | undefined): text is string {
  return text !== undefined && NAME.test(text);
}

/** `BuildFailed` of `BuildFailed: what kustomize printed`. */
export function reasonOf(failing: string): string {
  return /^[A-Za-z]{1,60}(?=:|$)/.exec(failing)?.[0] ?? 'failed';
}

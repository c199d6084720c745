/** How a report marks text that is not ours; chosen by the caller (server: fences with a nonce, terminal: a bar). */

export interface RenderStyle {
  /** Wraps text that came from a pod, a log, DNS or the network. */
  readonly untrusted: (text: string) => string;
  /** The same for a few words inside a line of ours. */
  readonly quoted: (words: string) => string;
  /** Wraps a diff: plain for a terminal (to be pasted), fenced for a model. */
  readonly patch: (text: string) => string;
  /** Characters the whole report may have. */
  readonly maxChars: number;
}

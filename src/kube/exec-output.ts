/** Collects what a program in a pod prints, bounded and decoded so that no character is split; used by `exec.ts`. */

export interface ExecOutput {
  /** False when the limit is reached and nothing more is wanted. */
  write(stream: 'stdout' | 'stderr', data: Buffer): boolean;
  finish(): { readonly stdout: string; readonly stderr: string; readonly truncated: boolean };
}

/** `maxBytes` bounds both streams together. `onStdout` hears whole characters only. */
export function createExecOutput(maxBytes: number, onStdout?: (chunk: string) => void): ExecOutput {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const texts = { stdout: '', stderr: '' };
  let left = maxBytes;
  let truncated = false;
  const add = (stream: 'stdout' | 'stderr', text: string) => {
    texts[stream] += text;
    if (stream === 'stdout' && text !== '') onStdout?.(text);
  };
  return {
    write: (stream, data) => {
      if (data.length > left) truncated = true;
      const kept = data.subarray(0, left);
      left -= kept.length;
      add(stream, decoders[stream].decode(kept, { stream: true }));
      return !truncated;
    },
    finish: () => {
      add('stdout', decoders.stdout.decode());
      add('stderr', decoders.stderr.decode());
      return { ...texts, truncated };
    },
  };
}

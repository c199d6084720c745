/** The grammar of a path that a probe may ask for: chosen by `core/path/request-path.ts`, held at the last gate, `probes/guard.ts`. */

/** A path that means the same to every program and shell; no query, which may carry a signature. */
const PLAIN = /^\/[A-Za-z0-9/._~%+,:=-]{0,300}$/;

export const isPlainPath = (path: string): boolean => PLAIN.test(path);

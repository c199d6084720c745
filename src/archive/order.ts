/** Counts what happens while recording, so that a replay can tell probe events and flows in the order they came. */

export interface Order {
  next(): number;
  /** A probe begins. */
  probeBegan(): number;
  probesBegun(): number;
}

export function createOrder(): Order {
  let count = 0;
  let probes = 0;
  const next = () => count++;
  return {
    next,
    probeBegan: () => {
      probes += 1;
      return next();
    },
    probesBegun: () => probes,
  };
}

/** Bytes of unknown length that come piece by piece, held once; used by `smart-http.ts` for packs. */

export interface Growing {
  add(piece: Buffer): void;
  whole(): Buffer;
}

/** What is smaller is copied out of the room that was set aside for it. */
const SMALL = 8 * 1024 * 1024;

/**
 * Pieces are copied, since each would hold a whole buffer of the network. Room for all that may come is set aside at once: the system gives memory
 * to what is written alone, and nothing is ever held twice, as it is where blocks are joined.
 */
export function createGrowing(atMost: number): Growing {
  const room = Buffer.allocUnsafeSlow(atMost);
  let size = 0;
  return {
    add(piece) {
      if (size + piece.length > atMost) throw new RangeError('more has come than was let in');
      piece.copy(room, size);
      size += piece.length;
    },
    whole: () => (size < SMALL ? Buffer.from(room.subarray(0, size)) : room.subarray(0, size)),
  };
}

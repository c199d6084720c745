/** Why something was not rendered, in words for a report; thrown in this room, said as a skipped path by `rendered-documents.ts`. */

export class NotRendered extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotRendered';
  }
}

/** Asks the person behind the client, by elicitation, before something is done that cannot be undone; part of each call in `build.ts`. */
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { ToolContext } from '../tools/tool.ts';

/** A person has to read and to decide. */
const ANSWER_MS = 120_000;

/** A yes has to be given twice, by the form's field and by sending it: a client may accept a form without fields by itself. */
const YES = {
  type: 'object' as const,
  properties: { add: { type: 'boolean' as const, title: 'Add the container', default: false } },
  required: ['add'],
};

/** Undefined where the client cannot ask. */
export function confirmThrough(
  server: Server,
  call: { readonly requestId: string | number; readonly signal: AbortSignal },
  log: (line: string) => void,
): ToolContext['run']['confirm'] {
  if (server.getClientCapabilities()?.elicitation?.form === undefined) return undefined;
  return async (question) => {
    const answer = await ask(server, call, question);
    log(`asked the user: ${question} → ${answer}`);
    return answer;
  };
}

async function ask(
  server: Server,
  { requestId, signal }: { readonly requestId: string | number; readonly signal: AbortSignal },
  message: string,
): Promise<'accepted' | 'declined' | 'unanswered'> {
  try {
    const options = { timeout: ANSWER_MS, signal, relatedRequestId: requestId };
    const { action, content } = await server.elicitInput({ message, requestedSchema: YES }, options);
    return action === 'accept' && content?.['add'] === true ? 'accepted' : 'declined';
  } catch {
    // Whatever went wrong on the way to the person, nobody has said yes.
    return 'unanswered';
  }
}

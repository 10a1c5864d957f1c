import { setTimeout } from 'node:timers/promises';
import { NetfoldError } from '#kernel';
import type { UpRequest } from '../../../../agent/src/local-api/messages.js';
import type { Status } from '../../../../agent/src/local-api/status.js';
import type { LocalClient } from '../../local/local-client.js';
import { type Io, remark } from '../../output/io.js';

/** While these are the answer, the person has not spoken yet, or the server is on its way back. */
const WAITING = new Set(['auth.login_pending', 'control.unreachable']);

/** Has a person sign in with a browser, anywhere, and waits until they have let this machine in. */
export async function signIn(io: Io, agent: LocalClient, request: UpRequest): Promise<Status> {
  const { url, ticket } = await agent.call<{ url: string; ticket: string }>('POST /login');
  remark(io, `\nTo authenticate, visit:\n\n\t${url}\n`);
  for (;;) {
    try {
      return await agent.call<Status>('POST /up', { ...request, loginTicket: ticket });
    } catch (error) {
      if (!(error instanceof NetfoldError) || !WAITING.has(error.code) || io.interrupted.aborted) throw error;
      if (error.code === 'control.unreachable') await setTimeout(1_000, undefined, { signal: io.interrupted });
    }
  }
}

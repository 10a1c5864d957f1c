import type { FastifyReply, FastifyRequest } from 'fastify';
import { equalBytes, NetfoldError, utf8 } from '#kernel';
import type { User } from '#tailnet';
import type { Identity } from '../identity/identity.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Tailnets } from '../tailnet/tailnets.js';
import { readCookie, writeCookie } from './cookies.js';

/** Somebody who looks at a page, and has signed in. */
export interface Visitor {
  readonly tailnet: Tailnet;
  readonly user: User;
  /** Goes into every form. */
  readonly formToken: string;
}

export const isSecure = (identity: Identity): boolean => identity.url().startsWith('https:');

/** How long this server may take to hear of what another one has answered, in milliseconds. */
const PATIENCE = 5_000;

/** Who it is; undefined when they have not signed in, or are not let in any more. @throws NetfoldError `control.behind` */
export async function visitorOf(
  identity: Identity,
  tailnets: Tailnets,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Visitor | undefined> {
  const secure = isSecure(identity);
  const token = readCookie(request, 'session', secure);
  const session = token === undefined ? undefined : await identity.sessions.find(token);
  const tailnet = session && tailnets.find(session.tailnetId);
  const state = session && (await tailnet?.fold.reached(session.revision, AbortSignal.timeout(PATIENCE)));
  const user = state?.users.get(session?.userId ?? '');
  if (!session || !tailnet || !user || user.suspended) {
    if (token !== undefined) await identity.sessions.end(token);
    return undefined;
  }
  if (session.renewed !== undefined) writeCookie(reply, 'session', session.renewed, secure);
  return { tailnet, user, formToken: session.formToken };
}

/**
 * The fields of a form that was sent from a page of ours, by the person whom the page was for.
 * @throws NetfoldError `web.foreign_form`
 */
export function formOf(body: unknown, expectedToken: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>(
    typeof body === 'string' ? new URLSearchParams(body) : Object.entries((body ?? {}) as Record<string, string>),
  );
  if (equalBytes(utf8(String(fields.get('form'))), utf8(expectedToken))) return fields;
  throw new NetfoldError({
    code: 'web.foreign_form',
    message: 'this form was not sent from a page of yours',
    hint: 'go back, load the page again, and send it from there',
  });
}

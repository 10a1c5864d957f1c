import type { FastifyReply, FastifyRequest } from 'fastify';

/** What the browser holds: who has signed in, and which sign-in it has begun. */
export type CookieName = 'session' | 'attempt';

/** The value of a cookie; undefined when the browser has sent none. */
export function readCookie(request: FastifyRequest, name: CookieName, secure: boolean): string | undefined {
  const wanted = nameOf(name, secure);
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key = '', value = ''] = pair.trim().split('=');
    if (key === wanted && value !== '') return value;
  }
  return undefined;
}

/**
 * Has the browser hold a value for this server alone, out of reach of scripts, and send it along when a person follows a
 * link here, but not when another site posts (RFC 6265bis, 4.1.3 and 5.6.7). @param value '' takes it back
 */
export function writeCookie(reply: FastifyReply, name: CookieName, value: string, secure: boolean): void {
  const parts = [`${nameOf(name, secure)}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
  if (secure) parts.push('Secure');
  if (value === '') parts.push('Max-Age=0');
  const before = reply.getHeader('set-cookie');
  void reply.header('set-cookie', [...(Array.isArray(before) ? before : []), parts.join('; ')]);
}

/** The prefix keeps other hosts of the domain, and plain HTTP, from writing it. */
const nameOf = (name: CookieName, secure: boolean): string => `${secure ? '__Host-' : ''}netfold-${name}`;

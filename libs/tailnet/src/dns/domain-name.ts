import type { Problem } from '#kernel';

/** RFC 1035, 2.3.4 */
const MAX_NAME = 253;

/** A label as resolvers take it; the underscore is for service names (RFC 8552). */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** The problem with a domain name, which is written in lower case and without a trailing dot; if there is one. */
export function badDomain(name: string, where: string): Problem | undefined {
  if (name.length <= MAX_NAME && name.split('.').every((label) => LABEL.test(label))) return undefined;
  const hint = 'write it in lower case and without a trailing dot: corp.example.com';
  return { code: 'dns.bad_domain', message: `${JSON.stringify(name)} is not a domain name`, where, hint };
}

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { NetfoldError, problemOf } from '#kernel';

const domain = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'write it in lower case: example.com');

const Issuer = z.strictObject({
  /** Part of URLs. */
  name: z.string().regex(/^[a-z0-9-]{1,32}$/, 'only lower-case letters, digits and dashes'),
  /** What people see on the button. */
  title: z.string().min(1).max(64).optional(),
  issuer: z.url({ protocol: /^https?$/ }),
  clientId: z.string().min(1),
  /** Beside the configuration file, or absolute. Absent for a public client. */
  clientSecretFile: z.string().optional(),
  scopes: z.array(z.string()).default(['openid', 'email', 'profile']),
  /** Whose addresses this issuer may vouch for. */
  allowedDomains: z.array(domain).default([]),
  /** The claim that is the login name. */
  loginClaim: z.string().default('email'),
  /** The claim that lists groups, which become `group:NAME` in policies; absent: none are taken over. */
  groupsClaim: z.string().optional(),
  /** One of these must be the `acr` of the sign-in. */
  requireAcr: z.array(z.string()).default([]),
  /** All of these must be in the `amr` of the sign-in, such as `mfa` (RFC 8176). */
  requireAmr: z.array(z.string()).default([]),
});

/** An issuer of identities, as configured; its secret is read already. */
export type IssuerOptions = Omit<z.infer<typeof Issuer>, 'clientSecretFile'> & { readonly clientSecret?: string };

const File = z.strictObject({ issuers: z.array(Issuer).min(1) });

/**
 * Reads whom people may sign in with.
 * @param file JSON: `{"issuers": [{"name", "issuer", "clientId", …}]}`
 * @throws NetfoldError `oidc.bad_configuration`
 */
export function readIssuers(file: string): readonly IssuerOptions[] {
  const { issuers } = parsed(file);
  const twice = issuers.find(({ name }, i) => issuers.findIndex((other) => other.name === name) !== i);
  if (twice) throw bad(file, `two issuers are called ${twice.name}`, 'give each a name of its own');
  // Otherwise one of them could speak for the people of the other.
  const domains = issuers.flatMap(({ allowedDomains }) => allowedDomains);
  const shared = domains.find((one, i) => domains.indexOf(one) !== i);
  if (shared) throw bad(file, `two issuers vouch for ${shared}`, 'leave each domain to one issuer');
  const open = issuers.find(({ allowedDomains }) => allowedDomains.length === 0);
  if (open && issuers.length > 1) {
    throw bad(file, `${open.name} vouches for anybody, beside other issuers`, 'name the allowedDomains of each issuer');
  }
  return issuers.map(({ clientSecretFile, ...issuer }) => ({
    ...issuer,
    ...(clientSecretFile !== undefined && { clientSecret: secretIn(resolve(dirname(file), clientSecretFile)) }),
  }));
}

function parsed(file: string): z.infer<typeof File> {
  try {
    return File.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : problemOf(error).message;
    throw bad(file, message, 'see the example in the README');
  }
}

function secretIn(file: string): string {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    if (secret) return secret;
  } catch (error) {
    throw bad(file, problemOf(error).message, 'put the client secret into this file');
  }
  throw bad(file, 'it is empty', 'put the client secret into this file');
}

const bad = (where: string, message: string, hint: string): NetfoldError =>
  new NetfoldError({ code: 'oidc.bad_configuration', message, where, hint });

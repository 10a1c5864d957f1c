import { NetfoldError } from '#kernel';
import type { IssuerOptions } from './issuer-options.js';

/** Somebody whom an issuer has vouched for. */
export interface Person {
  /** In lower case. */
  readonly login: string;
  readonly displayName: string;
  /** As policies name them, sorted; undefined when the issuer does not say. */
  readonly groups: readonly string[] | undefined;
}

type Claims = Readonly<Record<string, unknown>>;
type Rules = Pick<IssuerOptions, 'loginClaim' | 'groupsClaim' | 'allowedDomains' | 'requireAcr' | 'requireAmr'>;

/**
 * The person that the claims of an issuer are about, if its rules let them in.
 * @throws NetfoldError `oidc.no_login`, `oidc.email_not_verified`, `oidc.domain_not_allowed`, `oidc.mfa_needed`
 */
export function personOf(claims: Claims, rules: Rules): Person {
  const login = loginOf(claims, rules.loginClaim);
  requireDomain(login, rules.allowedDomains);
  requireStrength(claims, rules);
  const name = typeof claims.name === 'string' ? claims.name.slice(0, 120) : '';
  return {
    login,
    displayName: name,
    groups: rules.groupsClaim === undefined ? undefined : groupsOf(claims[rules.groupsClaim]),
  };
}

function loginOf(claims: Claims, claim: string): string {
  const value = claims[claim];
  const login = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (!/^[^\s@]+@[^\s@]+$/.test(login)) {
    throw refusal('no_login', `the issuer says nothing usable in the claim ${claim}`, 'ask for it with "scopes"');
  }
  // Whoever can write any address into a profile must not become the owner of that address.
  if (claim === 'email' && claims.email_verified === false) {
    throw refusal(
      'email_not_verified',
      `${login} is not verified yet`,
      'verify the address with your identity provider',
    );
  }
  return login;
}

function requireDomain(login: string, allowed: readonly string[]): void {
  const domain = login.slice(login.lastIndexOf('@') + 1);
  if (allowed.length === 0 || allowed.includes(domain)) return;
  throw refusal(
    'domain_not_allowed',
    `people of ${domain} are not let in`,
    `sign in with an address of ${allowed.join(', ')}`,
  );
}

function requireStrength({ acr, amr }: Claims, { requireAcr, requireAmr }: Rules): void {
  const methods = Array.isArray(amr) ? amr : [];
  const strong = requireAcr.length === 0 || requireAcr.includes(String(acr));
  const missing = requireAmr.filter((method) => !methods.includes(method));
  if (strong && missing.length === 0) return;
  const wanted = missing.length > 0 ? missing.join(', ') : requireAcr.join(' or ');
  throw refusal('mfa_needed', 'this network needs a stronger sign-in', `sign in again with: ${wanted}`);
}

/** Names that policies can say; others are left out. Some issuers write a single one as a text. */
function groupsOf(value: unknown): readonly string[] {
  const names = [value].flat().filter((name) => typeof name === 'string');
  return [...new Set(names.map((name) => `group:${name.replace(/^\/+/, '').toLowerCase()}`))]
    .filter((group) => /^group:[^\s,"]{1,100}$/.test(group))
    .sort();
}

const refusal = (code: string, message: string, hint: string): NetfoldError =>
  new NetfoldError({ code: `oidc.${code}`, message, hint });

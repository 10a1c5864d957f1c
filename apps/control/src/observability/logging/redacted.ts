/** What takes the place of a secret. */
const GONE = '[redacted]';

/** Members of JSON that are secrets whatever they hold. */
const MEMBERS =
  'authorization|proxy-authorization|cookie|set-cookie|password|passwd|secret|token|adminToken|accessToken|refreshToken|idToken|' +
  'authKey|key|apiKey|privateKey|presharedKey|psk|clientSecret|client_secret|credential|credentials|nonce|content';

/**
 * What stands between the quotes of a text, in JSON and in JSON that is a text in JSON, and so on: there, a quote has some
 * backslashes before it (group 2), and each backslash is one more than those.
 */
const VALUE = '(?:(?:\\2\\\\){2}|\\2\\\\\\2"|\\2\\\\[^"\\\\]|[^"\\\\])';

/** Each with what is left of it. */
const RULES: readonly (readonly [RegExp, string])[] = [
  // Auth keys and API tokens: `nfk_…`, `nfa_…`. Their kind helps, the rest does not.
  [/\b(nf[a-z])_[\w.-]+/g, `$1_${GONE}`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${GONE}`],
  // kurrentdb://user:password@host, and whatever else has a password in front of a host
  [/(:\/\/[^\s:@/"\\]*):[^\s@/"\\]+@/g, `$1:${GONE}@`],
  // Links that let somebody in, and what an issuer answers with.
  [/(\/login\/once\/)[^\s"\\?#]+/g, `$1${GONE}`],
  [/([?&](?:code|state|token|key|password|secret|client_secret|id_token|access_token)=)[^\s"\\&#]+/gi, `$1${GONE}`],
  [new RegExp(`((?<!\\\\)(\\\\*)"(?:${MEMBERS})\\2"\\s*:\\s*\\2")${VALUE}+`, 'gi'), `$1${GONE}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, GONE],
];

/** A line of a log without what must not be in one. It goes by form, so it also catches what somebody put into a message. */
export function redacted(line: string): string {
  return RULES.reduce((text, [pattern, left]) => text.replace(pattern, left), line);
}

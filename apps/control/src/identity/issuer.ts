import * as oidc from 'openid-client';
import { NetfoldError, problemOf } from '#kernel';
import type { IssuerOptions } from './issuer-options.js';
import { type Person, personOf } from './person.js';

/** What must come back with the answer of an issuer, for it to be the answer to this question. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Clocks of servers differ by this, in seconds. */
const CLOCK_TOLERANCE = 60;

/** A new look at an issuer that has moved or changed its keys, in milliseconds. */
const REDISCOVER_AFTER = 3_600_000;

/** Somebody who vouches for people (OpenID Connect Core 1.0, 3.1: authorization code, with PKCE). */
export class Issuer {
  #discovered: { readonly at: number; readonly config: Promise<oidc.Configuration> } | undefined;

  /** @param redirectUri where the issuer sends people back to */
  constructor(
    readonly options: IssuerOptions,
    readonly redirectUri: () => string,
    private readonly now: () => number,
  ) {}

  get name(): string {
    return this.options.name;
  }

  get title(): string {
    return this.options.title ?? new URL(this.options.issuer).hostname;
  }

  /**
   * Where to send somebody who wants to sign in.
   * @param state comes back with the answer
   * @throws NetfoldError `oidc.unreachable`
   */
  async begin(state: string): Promise<{ readonly url: URL; readonly attempt: Attempt }> {
    const config = await this.#configuration();
    const attempt = {
      state,
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    };
    const { scopes, requireAcr } = this.options;
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: this.redirectUri(),
      scope: scopes.join(' '),
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
      ...(requireAcr.length > 0 && { acr_values: requireAcr.join(' ') }),
    });
    return { url, attempt };
  }

  /**
   * Who it is that came back.
   * @param answer the URL that the issuer sent the browser to
   * @throws NetfoldError `oidc.refused`, and as `personOf`
   */
  async redeem(answer: URL, { state, nonce, verifier }: Attempt): Promise<Person> {
    const config = await this.#configuration();
    const tokens = await this.#asking('refused', () =>
      oidc.authorizationCodeGrant(config, answer, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      }),
    );
    const claims = tokens.claims();
    if (!claims) throw refused(this.title, 'it named nobody');
    const { access_token } = tokens;
    const more = config.serverMetadata().userinfo_endpoint
      ? await this.#asking('refused', () => oidc.fetchUserInfo(config, access_token, claims.sub))
      : {};
    return personOf({ ...more, ...claims }, this.options);
  }

  /** Asked for once, and again after a while, or at once after a failure. */
  #configuration(): Promise<oidc.Configuration> {
    const known = this.#discovered;
    if (known && this.now() - known.at < REDISCOVER_AFTER) return known.config;
    const { issuer, clientId, clientSecret } = this.options;
    // Plain HTTP never leaves this machine.
    const execute = isLoopback(new URL(issuer)) ? [oidc.allowInsecureRequests] : [];
    const config = this.#asking('unreachable', () =>
      oidc.discovery(
        new URL(issuer),
        clientId,
        { [oidc.clockTolerance]: CLOCK_TOLERANCE },
        clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret),
        { execute, timeout: 10 },
      ),
    );
    this.#discovered = { at: this.now(), config };
    config.catch(() => {
      this.#discovered = undefined;
    });
    return config;
  }

  async #asking<T>(code: 'unreachable' | 'refused', ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      if (cause instanceof oidc.AuthorizationResponseError) throw refused(this.title, spoken(cause), cause);
      const said = cause instanceof oidc.ResponseBodyError ? spoken(cause) : deepest(cause);
      if (code === 'refused') throw refused(this.title, said, cause);
      throw new NetfoldError(
        {
          code: 'oidc.unreachable',
          message: `${this.title} does not answer: ${said}`,
          where: this.options.issuer,
          hint: 'try again in a while; machines and tokens that are known go on working',
        },
        { cause },
      );
    }
  }
}

const spoken = ({ error, error_description }: { error: string; error_description?: string }): string =>
  error_description ?? error;

/** What is wrong stands at the bottom: in the cause of the cause. */
function deepest(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error ? deepest(cause) : problemOf(error).message;
}

const refused = (title: string, said: string, cause?: unknown): NetfoldError =>
  new NetfoldError(
    {
      code: 'oidc.refused',
      message: `${title} did not sign you in: ${said}`,
      hint: 'try again; if this stays, check that the clocks of the two servers agree, and the client in the configuration',
    },
    { cause },
  );

const isLoopback = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

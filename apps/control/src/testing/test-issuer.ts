import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import Provider, { type Configuration } from 'oidc-provider';

/** What the issuer says of somebody, and how they prove who they are. */
export interface TestPerson {
  readonly email: string;
  readonly email_verified?: boolean;
  readonly name?: string;
  readonly groups?: readonly string[] | string;
  readonly amr?: readonly string[];
}

const FORM = (action: string) => `<!doctype html><html lang="en"><title>Issuer</title>
<form method="post" action="${action}"><label>Who are you? <input name="person" autofocus></label><button>Continue</button></form>`;

const newKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
/** The first key of every issuer here: to make one takes longer than all else that a test does. */
let kept: KeyObject | undefined;

/** A real OpenID provider, whose people say who they are and are believed. */
export class TestIssuer {
  readonly people = new Map<string, TestPerson>();
  readonly #server: Server;
  #provider: Provider;

  private constructor(
    server: Server,
    readonly url: string,
    private readonly redirectUris: readonly string[],
  ) {
    this.#server = server;
    kept ??= newKey();
    this.#provider = this.#createProvider(kept);
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** @param redirectUris of the client `netfold`, whose secret is `secret` @param tls speaks HTTPS with it */
  static async start(
    redirectUris: readonly string[],
    host = '127.0.0.1',
    port = 0,
    tls?: ServerOptions,
  ): Promise<TestIssuer> {
    const server = (tls ? createSecureServer(tls) : createServer()).listen(port, host);
    await once(server, 'listening');
    const url = `http${tls ? 's' : ''}://${host}:${(server.address() as AddressInfo).port}`;
    return new TestIssuer(server, url, redirectUris);
  }

  /** Signs with other keys from now on, and has forgotten everything. */
  rotateKeys(): void {
    this.#provider = this.#createProvider(newKey());
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #createProvider(privateKey: KeyObject): Provider {
    const kid = Math.random().toString(36).slice(2);
    const configuration: Configuration = {
      clients: [{ client_id: 'netfold', client_secret: 'secret', redirect_uris: [...this.redirectUris] }],
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }] },
      cookies: { keys: ['only for tests'] },
      claims: {
        openid: ['sub', 'amr'],
        email: ['email', 'email_verified'],
        profile: ['name'],
        groups: ['groups'],
      },
      scopes: ['openid', 'email', 'profile', 'groups'],
      ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, AuthorizationCode: 60, IdToken: 600 },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      findAccount: (_, id) => ({
        accountId: id,
        claims: async () => ({ sub: id, ...this.people.get(id) }) as { sub: string },
      }),
      async loadExistingGrant({ oidc }) {
        const accountId = oidc.session?.accountId;
        const clientId = oidc.client?.clientId;
        if (accountId === undefined || clientId === undefined) return undefined;
        const grant = new oidc.provider.Grant({ accountId, clientId });
        grant.addOIDCScope('openid email profile groups');
        await grant.save();
        return grant;
      },
    };
    return quietly(() => new Provider(this.url, configuration));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!request.url?.startsWith('/interaction/')) return void this.#provider.callback()(request, response);
    if (request.method !== 'POST') return void response.end(FORM(request.url));
    const id = new URLSearchParams(await text(request)).get('person') ?? '';
    await this.#provider.interactionFinished(request, response, { login: { accountId: id } });
  }
}

/** It says at length that its keys and its memory are for tests. They are. */
function quietly<T>(work: () => T): T {
  const { warn, info } = console;
  console.warn = console.info = () => {};
  try {
    return work();
  } finally {
    Object.assign(console, { warn, info });
  }
}

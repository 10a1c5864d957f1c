import type { EventStoreDBClient } from '@eventstore/db-client';
import type { Channel } from '@grpc/grpc-js';
import type { KurrentAddress } from './kurrent-address.js';

/** The client, and how to be rid of it. */
export interface KurrentClient {
  readonly client: EventStoreDBClient;
  close(): Promise<void>;
}

/**
 * Makes a client; it connects with its first request. It is loaded here and not with the program, most of which runs
 * without it.
 */
export async function kurrentClient(address: KurrentAddress): Promise<KurrentClient> {
  const { EventStoreDBClient } = await import('@eventstore/db-client');
  const { hosts, discover, user, tls, deadline, connectionName, keepAliveInterval, keepAliveTimeout } = address;

  class Client extends EventStoreDBClient {
    /**
     * One call for each append: in the calls that many appends share, one that the server does not answer waits forever,
     * and one that it answers twice ends the program.
     */
    protected override supports = async () => false;
    /** The newest there is, or is being looked for. */
    #channel: Promise<Channel> | undefined;

    /** Takes note of its channels from now on. */
    watched(): this {
      const { getChannel } = this;
      this.getChannel = () => {
        this.#channel = getChannel();
        return this.#channel;
      };
      return this;
    }

    /** Does not look for a cluster only to leave it. */
    async close(): Promise<void> {
      this.#channel?.then((found) => found.close()).catch(() => {}); // it may never be found
      await this.dispose();
    }
  }

  const options = {
    defaultDeadline: deadline,
    // Each member is asked once who leads; whoever makes a request repeats it.
    gossipTimeout: Math.ceil(deadline / 1000),
    maxDiscoverAttempts: 1,
    ...(connectionName !== undefined && { connectionName }),
    ...(keepAliveInterval !== undefined && { keepAliveInterval }),
    ...(keepAliveTimeout !== undefined && { keepAliveTimeout }),
  };
  const [first, second] = hosts;
  const endpoint = first ?? { address: 'localhost', port: 2113 };
  const credentials = tls
    ? {
        ...(tls.ca && { rootCertificate: tls.ca }),
        ...(tls.key && { userKeyFile: tls.key }),
        ...(tls.cert && { userCertFile: tls.cert }),
      }
    : { insecure: true };
  // Without TLS the client sends no credentials, and says so for each request.
  const identity = tls && user;
  const make = (): Client => {
    if (discover) return new Client({ ...options, discover: endpoint }, credentials, identity);
    if (second) return new Client({ ...options, endpoints: [...hosts] }, credentials, identity);
    return new Client({ ...options, endpoint }, credentials, identity);
  };
  const client = make().watched();
  return { client, close: () => client.close() };
}

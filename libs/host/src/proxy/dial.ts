import type { Duplex } from 'node:stream';
import { NetfoldError } from '#kernel';
import { tryParseAddress } from '#net';
import type { UserspaceTcp } from '../userspace/tcp/userspace-tcp.js';

/** Opens a connection to a name or an address. @throws NetfoldError that says why it could not */
export type Dial = (host: string, port: number) => Promise<Duplex>;

/** The address of a name in the tailnet, or undefined for a name that is not there. */
export type ResolveName = (name: string) => Promise<string | undefined>;

/** Dials through the tailnet, and never beside it: what is not in the tailnet is not reached. */
export const dialThrough =
  (tcp: UserspaceTcp, resolve: ResolveName): Dial =>
  async (host, port) => {
    const address = tryParseAddress(host) ? host : await resolve(host);
    if (address === undefined) throw unknownName(host);
    return tcp.connect(address, port);
  };

const unknownName = (name: string): NetfoldError =>
  new NetfoldError({
    code: 'proxy.unknown_name',
    message: `no node of the tailnet is called ${JSON.stringify(name)}`,
    hint: 'netfold status lists the names',
  });

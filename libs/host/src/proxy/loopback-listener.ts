import { once } from 'node:events';
import { type AddressInfo, BlockList, isIP, type Server } from 'node:net';
import { NetfoldError } from '#kernel';
import type { Endpoint } from '../udp/udp-socket.js';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Starts a server that asks nobody who they are, and therefore must be reachable from this machine only.
 * @throws NetfoldError `proxy.not_loopback`, `proxy.cannot_listen`
 */
export async function listenOnLoopback(server: Server, { address, port }: Endpoint): Promise<Endpoint> {
  const family = isIP(address);
  if (family === 0 || !LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4')) throw notLoopback(address);
  server.listen({ host: address, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen({ address, port }, error as NodeJS.ErrnoException);
  }
  const bound = server.address() as AddressInfo;
  return { address: bound.address, port: bound.port };
}

const notLoopback = (address: string): NetfoldError =>
  new NetfoldError({
    code: 'proxy.not_loopback',
    message: `a proxy without passwords may not listen on ${address}`,
    hint: 'use 127.0.0.1 or ::1, so that only this machine reaches the tailnet through it',
  });

const cannotListen = ({ address, port }: Endpoint, { code }: NodeJS.ErrnoException): NetfoldError =>
  new NetfoldError({
    code: 'proxy.cannot_listen',
    message: `a proxy cannot listen on ${address}, port ${port}: ${code}`,
    hint: code === 'EADDRINUSE' ? 'another program listens there; choose another port' : 'choose another address',
  });

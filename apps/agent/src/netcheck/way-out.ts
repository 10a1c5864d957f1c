import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import type { WayOut } from '../local-api/netcheck-report.js';

// a.root-servers.net: addresses that are somewhere in the internet, and stay. Nothing is sent to them.
const FAR = { udp4: '198.41.0.4', udp6: '2001:503:ba3e::2:30' };

/** Asks the kernel which way packets to the internet would leave: connecting a UDP socket picks a route and sends nothing. */
export async function wayOut(family: keyof typeof FAR, destination = FAR[family]): Promise<WayOut> {
  const socket = createSocket(family);
  try {
    const connected = once(socket, 'connect');
    socket.connect(53, destination);
    await connected;
    const Source = socket.address().address;
    const Interface = interfaceOf(Source, networkInterfaces());
    return { Source, Interface, MTU: Interface === undefined ? undefined : await mtuOf(Interface) };
  } catch (error) {
    return { Problem: (error as NodeJS.ErrnoException).code === 'ENETUNREACH' ? 'no route' : (error as Error).message };
  } finally {
    socket.close();
  }
}

const interfaceOf = (address: string, interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string | undefined =>
  Object.entries(interfaces).find(([, infos]) => infos?.some((info) => info.address === address))?.[0];

/** Undefined where the system does not say it in this way (sysfs(5)). */
async function mtuOf(name: string): Promise<number | undefined> {
  const text = await readFile(`/sys/class/net/${name}/mtu`, 'utf8').catch(() => '');
  return Number(text) || undefined;
}

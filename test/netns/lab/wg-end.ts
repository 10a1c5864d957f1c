// What wireguard-go is, with netfold's data path: an interface that `wg` configures, with no control plane around it.
// Takes the name of the interface and its MTU; prints a line for each session that begins.

import { pathTo, type UdpPath, WorkerDataPath } from '#dataplane';
import { EXIT_MARK } from '#host';
import { answerUapi, type UapiDevice, type UapiHost } from '#wireguard';
import { UapiSocket } from '../../../apps/agent/src/by-hand/uapi-socket.js';

const [name = '', mtu] = process.argv.slice(2);
const monotonic = () => performance.now();
const path = await WorkerDataPath.open({ tunName: name, mtu: Number(mtu), port: 0, mark: EXIT_MARK, monotonic });
const { engine, filter } = path;

path.listen({
  event: ({ type }) => type === 'handshake_completed' && console.log('session'),
  initiationSent: () => {},
  notWireguard: () => {},
  echoReply: () => {},
  failed: ({ message }) => console.error(message),
});
const everything = ['0.0.0.0/0', '::/0'].map((prefix) => ({
  id: prefix,
  src: [{ kind: 'any' } as const],
  dst: { kind: 'prefix', prefix } as const,
  protocols: [],
  ports: [{ first: 0, last: 65_535 }],
}));
filter.setRules(everything);

/** WireGuard has no filter but its allowed IPs. */
const device: UapiDevice<UdpPath> = {
  ...engine,
  get publicKey() {
    return engine.publicKey;
  },
  addPeer: (now, config) => {
    const peer = engine.addPeer(now, config);
    filter.setPeer({ id: peer.label, addresses: [], labels: [] });
    return peer;
  },
};
const host: UapiHost<UdpPath> = {
  listenPort: () => path.localPort,
  setListenPort: (port) => path.setPort(port),
  firewallMark: () => 0,
  setFirewallMark: (mark) => path.setMark(mark),
  parseEndpoint: (text) => {
    const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
    return pathTo({ address: v6 ?? v4 ?? '', port: Number(port) });
  },
  formatEndpoint: ({ key }) => key,
  failed: (error) => console.error(error),
};
await UapiSocket.open(name, (operation) => answerUapi(monotonic(), device, host, operation));
setInterval(() => {}, 1 << 30);

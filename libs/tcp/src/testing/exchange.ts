import { Endpoint } from './endpoint.js';
import { CLIENT, type NetworkOptions, SERVER, SimulatedNetwork } from './simulated-network.js';

const LONGEST = 1 << 21;
let pattern: Uint8Array | undefined;

/** Bytes that differ from those near them; of another stream, other bytes. */
export function sample(length: number, stream: number): Uint8Array {
  if (!pattern) {
    pattern = new Uint8Array(LONGEST);
    for (let i = 0; i < LONGEST; i++) pattern[i] = (Math.imul(i, 2654435761) >>> 24) ^ (i >>> 8);
  }
  return pattern.subarray(stream * 31, stream * 31 + length);
}

/**
 * Both ends send, in both directions at once, and end. Runs until all is over, or a day has passed: where a third is lost
 * and the windows are of a few segments, nearly every loss waits for a timeout.
 */
export function exchange(options: NetworkOptions, up: number, down: number) {
  const network = new SimulatedNetwork(options);
  const servers: Endpoint[] = [];
  network.server.listen(80, {
    onConnection: (connection) => void servers.push(new Endpoint(network, connection, sample(down, 2))),
  });
  const connection = network.client.connect(network.now, { address: CLIENT, port: 0 }, { address: SERVER, port: 80 });
  const client = new Endpoint(network, connection, sample(up, 1));
  network.run(() => client.closed && servers[0]?.closed === true, 86_400_000);
  return { network, client, server: servers[0] };
}

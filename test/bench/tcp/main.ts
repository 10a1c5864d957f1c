// What the userspace TCP carries between two stacks in one process, without any network between them: every segment is
// written, sealed, copied once and checked, as on the way through a tunnel. Prints the median of the rounds in Mbit/s.
import { parseAddress } from '#net';
import { type TcpConnection, TcpStack } from '#tcp';

const BYTES = 256 << 20;
const ROUNDS = 5;
const CLIENT = parseAddress('100.64.0.1');
const SERVER = parseAddress('100.64.0.2');
const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };

interface Packet {
  readonly to: 'client' | 'server';
  readonly bytes: Uint8Array;
}

/** Sends `BYTES` from one stack to the other; answers the seconds that took. */
function transfer(mtu: number): number {
  let queue: Packet[] = [];
  const now = () => performance.now();
  const stacks = {
    client: new TcpStack({
      mtu,
      random,
      send: (_flow, bytes) => void queue.push({ to: 'server', bytes: bytes.slice() }),
    }),
    server: new TcpStack({
      mtu,
      random,
      send: (_flow, bytes) => void queue.push({ to: 'client', bytes: bytes.slice() }),
    }),
  };
  let received = 0;
  const into = new Uint8Array(65_536);
  const read = (connection: TcpConnection) => {
    for (let length = connection.read(now(), into); length > 0; length = connection.read(now(), into))
      received += length;
  };
  stacks.server.listen(80, {
    onConnection: (connection) => connection.observe({ onReadable: () => read(connection) }),
  });
  const client = stacks.client.connect(now(), { address: CLIENT, port: 0 }, { address: SERVER, port: 80 });
  const chunk = new Uint8Array(65_536);
  const write = () => {
    while (client.write(now(), chunk) === chunk.length);
  };
  client.observe({ onOpen: write, onWritable: write });
  const start = performance.now();
  while (received < BYTES) {
    const batch = queue;
    queue = [];
    for (const { to, bytes } of batch) {
      if (to === 'server') stacks.server.receive(now(), CLIENT, SERVER, bytes);
      else stacks.client.receive(now(), SERVER, CLIENT, bytes);
    }
    stacks.client.advance(now());
    stacks.server.advance(now());
  }
  return (performance.now() - start) / 1000;
}

for (const mtu of [1280, 1420]) {
  const rates = Array.from({ length: ROUNDS }, () => (BYTES * 8) / transfer(mtu) / 1e6).sort((a, b) => a - b);
  console.log(`mtu ${mtu}: ${Math.round(rates[ROUNDS >> 1] ?? 0)} Mbit/s`);
}

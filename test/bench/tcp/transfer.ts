import { parseAddress } from '#net';
import { type TcpConnection, TcpStack } from '#tcp';
import { DelayLine } from './delay-line.js';

const CLIENT = parseAddress('100.64.0.1');
const SERVER = parseAddress('100.64.0.2');
const CHUNK = 65_536;
const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
const now = () => performance.now();

export interface TransferOptions {
  /** Of the link. */
  readonly mtu: number;
  /** How much is sent, bytes. */
  readonly bytes: number;
  /** There and back, ms; 0 for a link without any delay. */
  readonly roundTrip: number;
}

/** Sends from one stack to the other, in this process. @returns Mbit/s of payload, from the first byte to the last */
export async function transfer({ mtu, bytes, roundTrip }: TransferOptions): Promise<number> {
  const [toServer, toClient] = [new DelayLine(roundTrip / 2), new DelayLine(roundTrip / 2)];
  const client = new TcpStack({ mtu, random, send: (_flow, segment) => toServer.push(now(), segment) });
  const server = new TcpStack({ mtu, random, send: (_flow, segment) => toClient.push(now(), segment) });
  let received = 0;
  const into = new Uint8Array(CHUNK);
  const read = (connection: TcpConnection) => {
    for (let length = connection.read(now(), into); length > 0; length = connection.read(now(), into)) {
      received += length;
    }
  };
  server.listen(80, { onConnection: (connection) => connection.observe({ onReadable: () => read(connection) }) });
  const connection = client.connect(now(), { address: CLIENT, port: 0 }, { address: SERVER, port: 80 });
  const chunk = new Uint8Array(CHUNK);
  const write = () => {
    while (connection.write(now(), chunk) === chunk.length);
  };
  connection.observe({ onOpen: write, onWritable: write });
  const start = now();
  while (received < bytes) {
    for (let segment = toServer.take(now()); segment; segment = toServer.take(now())) {
      server.receive(now(), CLIENT, SERVER, segment);
    }
    for (let segment = toClient.take(now()); segment; segment = toClient.take(now())) {
      client.receive(now(), SERVER, CLIENT, segment);
    }
    client.advance(now());
    server.advance(now());
  }
  return (received * 8) / 1e3 / (now() - start);
}

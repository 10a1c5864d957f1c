import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const CHUNK = 65_536;

/** The same bytes between two sockets of this process over the kernel's loopback. @returns Mbit/s */
export async function kernelTransfer(bytes: number): Promise<number> {
  let received = 0;
  const done = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.on('data', (chunk) => {
      received += chunk.length;
      if (received >= bytes) done.resolve();
    });
    socket.on('error', done.reject);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  const chunk = new Uint8Array(CHUNK);
  const write = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', write);
  socket.on('error', () => {});
  const start = performance.now();
  write();
  await done.promise;
  const rate = (bytes * 8) / 1e3 / (performance.now() - start);
  socket.destroy();
  server.close();
  return rate;
}

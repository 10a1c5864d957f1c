// What runs on a server of the walk-through: on port 22 what an SSH server says first, on the others HTTP that tells
// everybody the address they come from. Takes ports.
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';

for (const port of process.argv.slice(2).map(Number)) {
  const server =
    port === 22
      ? createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-walkthrough\r\n'))
      : createHttpServer(({ socket }, response) => {
          response.end(`you come from ${socket.remoteAddress?.replace('::ffff:', '')}\n`);
        });
  server.listen(port);
}

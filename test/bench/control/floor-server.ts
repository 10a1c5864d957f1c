// The floor: a bare grpc-js server that writes buffers to every open stream, and does nothing else.
// Started by main.ts as a child process; a message {frames, bytes} is one round.
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { FLOOR_SERVICE, type FloorRound } from './floor-service.js';

const streams = new Set<ServerDuplexStream<Buffer, Buffer>>();
const server = new Server({ 'grpc.max_receive_message_length': 64 << 20 });
server.addService(FLOOR_SERVICE, {
  stream(call: ServerDuplexStream<Buffer, Buffer>) {
    streams.add(call);
    call.on('data', () => {});
    call.on('error', () => streams.delete(call));
    call.on('end', () => {
      streams.delete(call);
      call.end();
    });
    call.write(Buffer.of(0)); // tells the client that its stream is open
  },
});

server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.send?.({ port });
});

process.on('message', ({ frames, bytes }: FloorRound) => {
  const buffer = Buffer.alloc(Math.max(1, Math.ceil(bytes / frames)));
  for (let i = 0; i < frames; i++) for (const stream of streams) stream.write(buffer);
});
process.on('disconnect', () => process.exit(0));

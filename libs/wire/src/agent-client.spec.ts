import { credentials, Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AgentClient } from './agent-client.js';
import { decodeAgentMessage } from './agent-message.js';
import { agentService } from './agent-service.js';
import type { AgentMessage } from './messages.js';
import { encodeServerMessage } from './server-message.js';

const server = new Server();
let client: AgentClient;
/** What came on the stream that was opened last, once it is over. */
let received: Promise<readonly AgentMessage[]>;

beforeAll(async () => {
  const { stream } = agentService;
  server.addService(
    { stream },
    {
      stream: (call: ServerDuplexStream<Uint8Array, Uint8Array>) => {
        const messages: AgentMessage[] = [];
        received = new Promise((resolve) => call.on('cancelled', () => resolve(messages)));
        call.on('data', (bytes) => messages.push(decodeAgentMessage(bytes)));
        call.write(encodeServerMessage({ kind: 'challenge', nonce: new Uint8Array(32) }));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  client = new AgentClient(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

test.each([1, 1_000])('what was flushed gets there, though the stream is ended at once (%i flows)', async (count) => {
  const call = client.stream();
  await call.messages[Symbol.asyncIterator]().next();
  const ends = { localAddress: '100.64.0.1', localPort: 22, remoteAddress: '100.64.0.2', remotePort: 4000 };
  const flow = { ...ends, peer: 'node_b', protocol: 6, initiator: 'peer', firstSeen: 1, lastSeen: 2 } as const;
  const message: AgentMessage = { kind: 'flows', report: { flows: Array(count).fill(flow), omitted: 0 } };
  call.send(message);
  await call.flushed();
  call.close();
  expect(await received).toEqual([message]);
});

test('a server that is away is said in few words', async () => {
  const away = new AgentClient('127.0.0.1:1', credentials.createInsecure());
  const words = away.command({ nodeId: 'n', commandId: 'c', action: { kind: 'logout' } }, () => new Uint8Array(64));
  await expect(words).rejects.toMatchObject({
    code: 'control.unreachable',
    message: 'the control plane did not answer: connect ECONNREFUSED 127.0.0.1:1',
  });
  away.close();
});

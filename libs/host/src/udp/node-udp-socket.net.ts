import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { EXIT_MARK } from '../interface/interface-settings.js';
import { NodeUdpSocket } from './node-udp-socket.js';

test('buffers hold a burst, whatever the limit of the system', async () => {
  const socket = await NodeUdpSocket.bind();
  for (const size of [socket.v4.getRecvBufferSize(), socket.v4.getSendBufferSize()]) {
    expect(size).toBeGreaterThanOrEqual(4 << 20);
  }
  await socket.close();
});

test('a mark is on the socket of each family', async () => {
  const socket = await NodeUdpSocket.bind(0, { mark: EXIT_MARK });
  const shown = execFileSync('ss', ['--udp', '--all', '--extended', '--numeric'], { encoding: 'utf8' });
  const own = shown.split('\n').filter((line) => line.includes(`:${socket.localPort} `));
  expect(own.filter((line) => line.includes('fwmark:0x6e66'))).toHaveLength(socket.v6 ? 2 : 1);
  await socket.close();
});

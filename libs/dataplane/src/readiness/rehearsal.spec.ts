import { afterAll, expect, test } from '@jest/globals';
import { NativeCrypto } from '#crypto/native';
import { libc } from '#host';
import { closePipe, openPipe, type PipeEnds } from '../io/host-pipe.js';
import { Arena } from '../memory/arena.js';
import { Rehearsal } from './rehearsal.js';

const pipes = [openPipe(), openPipe()] as [PipeEnds, PipeEnds];
afterAll(() => {
  for (const pipe of pipes) closePipe(pipe);
});

/** Of so many packets, those that did not arrive, by their place. */
function lost(count: number, step?: number): number[] {
  const rehearsal = new Rehearsal({ arena: new Arena(8 << 20), crypto: new NativeCrypto() }, pipes, step);
  return Array.from({ length: count }, (_, index) => (rehearsal.perform() ? -1 : index)).filter((index) => index >= 0);
}

test('every packet but the first goes all the way, whichever kind it is', () => {
  expect(lost(2_000)).toEqual([0]);
});

test('it can go on for as long as the process lives: sessions are renewed', () => {
  const hours = 5 * 3_600_000;
  expect(lost(hours / 9_000, 9_000)).toEqual([0]);
});

test('what a thread that ended left behind is not taken for what was sent', () => {
  for (const { tun, host } of pipes)
    for (const fd of [tun, host]) libc.write(fd, new libc.SystemMemory(4096).address, 100);
  expect(lost(4)).toEqual([0]);
});

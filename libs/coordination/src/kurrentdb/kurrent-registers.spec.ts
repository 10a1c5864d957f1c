import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KurrentServer } from '#event-store/testing';
import { registersContract } from '../testing/registers-contract.js';
import { KurrentRegisters } from './kurrent-registers.js';

// Against a real server: KURRENTDB_URL=kurrentdb://… npm run test:contract

let server: KurrentServer | undefined;
let url = process.env.KURRENTDB_URL ?? '';

beforeAll(async () => {
  if (url) return;
  server = await KurrentServer.start();
  url = server.url;
});
afterAll(() => server?.stop());

registersContract('kurrentdb', { shared: true, persistent: true }, async () => ({
  open: () => KurrentRegisters.open(url),
  dispose: async () => {},
}));

describe('registers in a KurrentDB that misbehaves', () => {
  let own: KurrentServer;
  let registers: KurrentRegisters;
  beforeAll(async () => {
    own = await KurrentServer.start();
    registers = await KurrentRegisters.open(`${own.url}&defaultDeadline=500`);
  });
  afterAll(async () => {
    await registers.close();
    await own.stop();
  });

  test.each(['cut before', 'cut after', 'stall before', 'stall after', 'not leader'] as const)(
    'a write takes effect once when the server does: %s',
    async (fault) => {
      const name = `once/${fault.replace(' ', '-')}`;
      const first = await registers.write(name, -1, 'a');
      own.faults.registers = [fault];
      const second = await registers.write(name, first, 'b');
      expect(await registers.read(name)).toEqual({ version: second, value: 'b' });
      expect(own.log.stream(`netfold:register:${name}`)).toHaveLength(2);
    },
  );

  test('is told to keep the last event alone, before the first is in it; and deleting leaves nothing of the value', async () => {
    const version = await registers.write('gone', -1, 'a secret');
    await registers.delete('gone', version);
    const [limit] = own.log.stream('$$netfold:register:gone');
    expect(JSON.parse(Buffer.from(limit?.data ?? []).toString())).toEqual({ $maxCount: 1 });
    const events = own.log.stream('netfold:register:gone');
    expect(limit?.position).toBeLessThan(events[0]?.position ?? 0);
    expect(Buffer.from(events.at(-1)?.data ?? []).toString()).toBe('{}');
  });

  test('an event of another program is not taken for a value', async () => {
    await registers.write('foreign', -1, 'a');
    const [first] = own.log.stream('netfold:register:foreign');
    if (!first) throw new Error('it was written');
    const type = new Map([...first.metadata, ['type', 'OrderPlaced']]);
    own.log.append('netfold:register:foreign', 0, [{ ...first, id: crypto.randomUUID(), metadata: type }]);
    await expect(registers.read('foreign')).rejects.toMatchObject({ code: 'store.foreign_event' });
  });
});

import { beforeEach, expect, test } from '@jest/globals';
import { Scheduler } from './scheduler.js';
import { SimulatedConnection } from './simulated-connection.js';

let scheduler: Scheduler;
let connection: SimulatedConnection<string, string>;
let log: string[];

beforeEach(() => {
  scheduler = new Scheduler();
  connection = new SimulatedConnection(scheduler, { latency: 10, transmission: 5 });
  log = [];
  const listener = (name: string) => ({
    received: (message: string) => log.push(`${scheduler.now} ${name} hears ${message}`),
    ended: (broken: boolean) => log.push(`${scheduler.now} ${name} ${broken ? 'loses' : 'ends'}`),
  });
  connection.open(listener('client'), listener('server'));
});

test('messages arrive in order, one transmission after the other, and then the end', async () => {
  connection.client.send('one', () => log.push(`${scheduler.now} sent`));
  connection.client.send('two');
  connection.client.end();
  connection.client.send('three');
  await scheduler.pass(100);
  expect(log).toEqual(['5 sent', '15 server hears one', '20 server hears two', '20 server ends']);
});

test('a break loses what is under way, and each end notices in its own time', async () => {
  connection.client.send('one');
  connection.server.send('two');
  await scheduler.pass(6);
  connection.break(3, 50);
  await scheduler.pass(100);
  expect(log).toEqual(['9 client loses', '56 server loses']);
});

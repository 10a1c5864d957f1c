import { expect, test } from '@jest/globals';
import { Scheduler } from './scheduler.js';

test('actions run at their time, in the order of their times and then of asking', async () => {
  const scheduler = new Scheduler();
  const log: string[] = [];
  const note = (name: string) => () => log.push(`${scheduler.now} ${name}`);
  scheduler.after(20, note('late'));
  scheduler.after(10, note('first'));
  scheduler.after(10, note('second'));
  await scheduler.pass(15);
  expect(log).toEqual(['10 first', '10 second']);
  expect(scheduler.now).toBe(15);
  await scheduler.pass(5);
  expect(log.at(-1)).toBe('20 late');
});

test('promises have all their turns before time goes on, and timers of the host have none', async () => {
  const scheduler = new Scheduler();
  const log: string[] = [];
  const timer = setTimeout(() => log.push('host'), 0);
  const work = async () => {
    for (let i = 0; i < 3; i++) {
      await scheduler.pause(10);
      for (let turn = 0; turn < 50; turn++) await undefined;
      log.push(`work at ${scheduler.now}`);
    }
  };
  void work();
  await scheduler.pass(35);
  clearTimeout(timer);
  expect(log).toEqual(['work at 10', 'work at 20', 'work at 30']);
});

test('machines are ticked when they are due, for as long as they are attached', async () => {
  const scheduler = new Scheduler();
  const ticks: number[] = [];
  let due: number | undefined = 7;
  const machine = {
    nextTimer: () => due,
    tick: (now: number) => {
      ticks.push(now);
      due = now < 21 ? now + 7 : undefined;
    },
  };
  scheduler.attach(machine);
  await scheduler.pass(100);
  expect(ticks).toEqual([7, 14, 21]);
  due = 110;
  scheduler.detach(machine);
  await scheduler.pass(100);
  expect(ticks).toHaveLength(3);
});

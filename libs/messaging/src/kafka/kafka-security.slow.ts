import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Problem, problemOf, utf8 } from '#kernel';
import type { Bus } from '../bus.js';
import { openBus } from '../open-bus.js';
import { BusRecorder } from '../testing/bus-recorder.js';
import { SecuredBroker } from '../testing/secured-broker.js';
import type { Topic } from '../topic.js';

const topic: Topic = { name: 'netfold.secured', keeps: { forMs: 3_600_000 } };
const message = { key: 'k', value: utf8('v') };
const tls = { caFile: 'cert.pem', serverName: 'kafka.test' };
const sasl = (name: string) => ({ mechanism: 'plain', username: 'netfold', passwordFile: `${name}.password` });

let secured: SecuredBroker;
beforeAll(async () => {
  secured = await SecuredBroker.start('netfold', 'hunter2');
});
afterAll(() => secured?.dispose());

async function withBus<T>(option: string, use: (bus: Bus, problems: readonly Problem[]) => Promise<T>): Promise<T> {
  const problems: Problem[] = [];
  const bus = openBus(option, (problem) => problems.push(problem));
  try {
    return await use(bus, problems);
  } finally {
    await bus.close();
  }
}

describe('a broker with TLS and passwords', () => {
  test('is used by whoever has both', () =>
    withBus(secured.options('right', { tls, sasl: sasl('right') }, 'hunter2'), async (bus, problems) => {
      const recorder = new BusRecorder();
      await bus.publish(topic, message);
      await bus.subscribe(topic, 'all-kept', recorder.handle).ready;
      expect(recorder.of('k')).toEqual(['v']);
      expect(problems).toEqual([]);
    }));

  test.each([
    ['another password', 'bus.refused', { tls, sasl: sasl('another') }, 'wrong-hunter'],
    ['no password', 'bus.unavailable', { tls }, ''],
    ['no certificate that it trusts', 'bus.unavailable', { tls: true, sasl: sasl('no') }, 'hunter2'],
    [
      'another name for it',
      'bus.unavailable',
      { tls: { ...tls, serverName: 'other.test' }, sasl: sasl('name') },
      'hunter2',
    ],
    ['no TLS', 'bus.unavailable', { sasl: sasl('plain') }, 'hunter2'],
  ])('says so to whoever has %s: %s, and nothing of the password', async (name, code, content, password) => {
    const file = (content as { sasl?: { passwordFile: string } }).sasl?.passwordFile.replace('.password', '') ?? name;
    await withBus(secured.options(file, content, password), async (bus, problems) => {
      const failure = await bus.publish(topic, message).then(() => undefined, problemOf);
      expect(failure?.code).toBe(code);
      expect(bus.health()).toMatchObject({ connected: false, problem: { code } });
      expect(problems.map((problem) => problem.code)).toEqual([code]);
      expect(JSON.stringify([failure, problems])).not.toContain('hunter');
    });
  });
});

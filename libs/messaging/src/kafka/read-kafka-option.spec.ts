import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problemOf } from '#kernel';
import { readKafkaOption } from './read-kafka-option.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netfold-kafka-option-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: unknown, name = 'kafka.json'): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function refusal(option: string) {
  try {
    readKafkaOption(option);
  } catch (error) {
    return problemOf(error);
  }
  return undefined;
}

describe('what says how to reach Kafka', () => {
  test.each([
    ['kafka-1:9092', { brokers: ['kafka-1:9092'] }],
    ['10.0.0.1:9092,[fd00::1]:9093', { brokers: ['10.0.0.1:9092', '[fd00::1]:9093'] }],
    ['kafka://a:1,b:2/', { brokers: ['a:1', 'b:2'] }],
    ['kafkas://kafka.example.com:9093', { brokers: ['kafka.example.com:9093'], tls: {} }],
  ])('%s is a list of brokers', (option, settings) => {
    expect(readKafkaOption(option)).toEqual(settings);
  });

  test.each(['', 'kafka-1', 'kafka-1:0', 'kafka-1:65536', 'a:1,,b:2', 'a:1 b:2', 'https://a:1', ':9092'])(
    '%j is not',
    (option) => {
      expect(refusal(option)).toMatchObject({ code: 'bus.bad_option', where: '--kafka' });
    },
  );

  test('a file says everything else, and names the secrets by files beside it', () => {
    file('hunter2\n', 'password');
    file('-----BEGIN CERTIFICATE-----', 'ca.pem');
    const path = file({
      brokers: ['a:9093'],
      tls: { caFile: 'ca.pem', serverName: 'kafka' },
      sasl: { mechanism: 'scram-sha-512', username: 'netfold', passwordFile: 'password' },
      groupPrefix: 'vpn',
      replicationFactor: 3,
    });
    expect(readKafkaOption(path)).toEqual({
      brokers: ['a:9093'],
      tls: { ca: '-----BEGIN CERTIFICATE-----', serverName: 'kafka' },
      sasl: { mechanism: 'scram-sha-512', username: 'netfold', password: 'hunter2' },
      groupPrefix: 'vpn',
      replicationFactor: 3,
    });
  });

  test('a password in the option is refused, and not repeated', () => {
    for (const option of ['kafkas://netfold:hunter2@a:9093', 'netfold:hunter2@a:9093']) {
      const problem = refusal(option);
      expect(problem).toMatchObject({ code: 'bus.password_in_option' });
      expect(JSON.stringify(problem)).not.toContain('hunter2');
    }
  });

  test.each([
    ['{', 'bus.bad_option', 'is not JSON'],
    [{}, 'bus.bad_option', ''],
    [{ brokers: ['a'] }, 'bus.bad_option', 'host:port'],
    [{ brokers: ['a:1'], password: 'hunter2' }, 'bus.bad_option', 'password'],
    [
      { brokers: ['a:1'], sasl: { mechanism: 'plain', username: 'u', passwordFile: 'absent' } },
      'bus.options_unreadable',
      'absent',
    ],
  ])('a file that says %j is refused', (content, code, text) => {
    const problem = refusal(file(content));
    expect(problem?.code).toBe(code);
    expect(problem?.message).toContain(text);
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });
});

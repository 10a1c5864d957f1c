import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import type { Io } from '../../output/io.js';
import { addWatchingOptions, type WatchingOptions, watchingOf } from './watching.js';

/** What a server is told, for these words and this environment. */
function told(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const command = new Command('server').exitOverride().configureOutput({ writeErr: () => {} });
  addWatchingOptions(command);
  command.parse(words, { from: 'user' });
  return watchingOf({ env } as unknown as Io, command.opts<WatchingOptions>());
}

test('by default, metrics are served to this machine, and a server that cannot starts all the same', () =>
  expect(told([])).toEqual({ metrics: { host: '127.0.0.1', port: 9464, mayFail: true } }));

test('an address that somebody names has to be had', () =>
  expect(told(['--metrics', '[::1]:9000'])).toEqual({ metrics: { host: '::1', port: 9000 } }));

test('none is none', () => expect(told(['--metrics', 'none'])).toEqual({}));

test.each(['9464', 'here', '127.0.0.1:99999'])('--metrics %s is refused', (text) =>
  expect(() => told(['--metrics', text])).toThrow('127.0.0.1:9464'),
);

test('a level of the log that there is not is refused', () => {
  expect(told(['--log-level', 'debug'])).toMatchObject({ logLevel: 'debug' });
  expect(() => told(['--log-level', 'loud'])).toThrow('Allowed choices');
});

test('traces go where the environment says, and as many as it says', () => {
  const endpoint = 'http://127.0.0.1:4318';
  expect(told([], { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toMatchObject({ traces: { endpoint, ratio: 1 } });
  const some = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: '0.1' };
  expect(told([], some)).toMatchObject({ traces: { endpoint, ratio: 0.1 } });
});

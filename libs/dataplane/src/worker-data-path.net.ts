import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

// Two workers with interfaces, in a network namespace of their own. Needs root, and what was built: a thread runs no
// TypeScript.

const NAMESPACE = `nftest-${process.pid}-dp`;
const PROGRAM = join(process.cwd(), 'dist/libs/dataplane/src/testing/two-ends.js');
const FAULTS = join(process.cwd(), 'dist/libs/dataplane/src/testing/faults.js');
const steps = new Map<string, Record<string, unknown>>();

beforeAll(async () => {
  execFileSync('ip', ['netns', 'add', NAMESPACE]);
  const words = ['netns', 'exec', NAMESPACE, process.execPath, PROGRAM];
  const { stdout } = await promisify(execFile)('ip', words, { timeout: 240_000 });
  for (const line of stdout.trim().split('\n')) {
    const { step, ...result } = JSON.parse(line) as { step: string };
    steps.set(step, result);
  }
});

afterAll(() => {
  execFileSync('ip', ['netns', 'del', NAMESPACE]);
});

test.each([
  ['interface', { kind: 'worker', tcpOffload: false, udpOffload: false, sendOffload: true, receiveOffload: true }],
  ['send', { kind: 'worker', tcpOffload: true, sendOffload: false, receiveOffload: true }],
  ['receive', { kind: 'worker', tcpOffload: true, sendOffload: true, receiveOffload: false }],
  ['inline', { kind: 'inline', tcpOffload: false, sendOffload: false, receiveOffload: false }],
])('packets go both ways without %s, and the data path says so', async (mode, features) => {
  const namespace = `${NAMESPACE}-${mode.slice(0, 2)}`;
  execFileSync('ip', ['netns', 'add', namespace]);
  try {
    const words = ['netns', 'exec', namespace, process.execPath, PROGRAM, mode];
    const { stdout } = await promisify(execFile)('ip', words, { timeout: 240_000 });
    expect(JSON.parse(stdout)).toMatchObject({ answered: 20, features });
  } finally {
    execFileSync('ip', ['netns', 'del', namespace]);
  }
});

test('a thread that throws, or exits by itself, is an error to nobody who asks, and is followed by another', async () => {
  const namespace = `${NAMESPACE}-fa`;
  execFileSync('ip', ['netns', 'add', namespace]);
  try {
    const words = ['netns', 'exec', namespace, process.execPath, PROGRAM, 'faults'];
    const env = { ...process.env, NODE_OPTIONS: `--import=${FAULTS}` };
    const { stdout } = await promisify(execFile)('ip', words, { timeout: 240_000, env });
    const [, asked, ...faults] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(asked).toMatchObject({ answered: 50 }); // though the worker's call for one answer disturbs the wait for the next
    const told = ['dataplane.lost', 'session_expired', 'restored'];
    const restarted = [1, 2].map((restarts) => ({ told, answered: 20, restarts }));
    // What it was to change when it ended is changed in the other.
    expect(faults).toMatchObject([...restarted, { persistentKeepalive: 3, answered: 20 }]);
  } finally {
    execFileSync('ip', ['netns', 'del', namespace]);
  }
});

test('packets go both ways, and the data path says how', () => {
  expect(steps.get('ping')).toMatchObject({ answered: 20, features: { kind: 'worker', cryptos: expect.any(Array) } });
});

test('5,000 peers are added with one message, and no packet of another is lost; one that fails leaves the others', () => {
  expect(steps.get('together')).toEqual({ answered: 100, failures: 1, peers: 5_001 });
});

test('a thread that ends is told of, and followed by one that knows all that it knew', () => {
  expect(steps.get('restart')).toMatchObject({ answered: 20, peers: 5_001, restarts: 1 });
  expect(steps.get('restart')?.lost).toEqual(steps.get('ping')?.features); // what the kernel does has not changed
  const told = steps.get('restart')?.told as string[];
  expect(told.slice(0, 3)).toEqual(['dataplane.lost', 'session_expired', 'restored']);
});

test('what is changed until the next thread knows all is neither refused nor lost', () => {
  expect(steps.get('restart')).toMatchObject({ refused: [], kept: true });
});

test('paths that are no sockets lead through the other thread', () => {
  expect(steps.get('relay')).toEqual({ answered: 20, path: 'relay:10.99.0.2' });
});

test('what is not WireGuard is handed on', () => {
  expect(steps.get('foreign')).toEqual({ heard: true });
});

test('it closes at once, and leaves nothing, not even of threads that were ended by force', () => {
  expect(steps.get('closed')).toEqual({ left: false, aliases: 0 });
});

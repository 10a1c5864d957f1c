import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { Io } from './io.js';
import { Progress } from './progress.js';

/** A terminal, and a clock that goes on by 60 ms at each look. */
function terminal(isTTY: boolean) {
  let text = '';
  let now = 1_000;
  const stderr = Object.assign(
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        text += chunk.toString();
        done();
      },
    }),
    { isTTY },
  );
  const io: Io = {
    stdin: new PassThrough(),
    stdout: stderr,
    stderr,
    env: {},
    home: '/nowhere',
    uid: 1000,
    interrupted: new AbortController().signal,
    now: () => (now += 60),
    started: () => {},
  };
  return { io, shown: () => text.split('\r\u001b[K').slice(1) };
}

describe('Progress', () => {
  it('draws how far it is, not too often, and leaves nothing behind', () => {
    const { io, shown } = terminal(true);
    const progress = new Progress(io, 'copying', 2_000);
    for (const done of [0, 500, 1_000, 1_500, 2_000]) progress.update(done);
    progress.end();
    expect(shown()).toEqual([
      `copying ${'░'.repeat(30)}   0 %  0 of 2,000`,
      `copying ${'█'.repeat(15)}${'░'.repeat(15)}  50 %  1,000 of 2,000`,
      `copying ${'█'.repeat(30)} 100 %  2,000 of 2,000`,
      '',
    ]);
  });

  it('counts when nobody knows the whole, and is silent where there is no terminal', () => {
    const known = terminal(true);
    new Progress(known.io, 'checking', undefined).update(12_345);
    expect(known.shown()).toEqual(['checking 12,345']);
    const pipe = terminal(false);
    const progress = new Progress(pipe.io, 'checking', 10);
    progress.update(5);
    progress.end();
    expect(pipe.shown()).toEqual([]);
  });
});

import { expect, test } from '@jest/globals';
import type { AgentStream } from './agent-stream.js';
import { Convergence } from './convergence.js';

const cause = { eventId: 'e', type: 'AclPublished', recordedAt: 100 };
const streamOf = (nodeId: string, appliedRevision = -1) => ({ nodeId, appliedRevision }) as AgentStream;

test('a revision has converged when the last one that it concerns has applied it', () => {
  const convergence = new Convergence();
  const [a, b] = [streamOf('a'), streamOf('b')];
  convergence.begin(7, cause, [a, b]);
  convergence.applied(a, 7, 110);
  expect(convergence.report(7)).toEqual({
    revision: 7,
    type: 'AclPublished',
    recordedAt: 100,
    acknowledged: [{ nodeId: 'a', at: 110 }],
    waiting: ['b'],
  });
  convergence.applied(b, 9, 130);
  expect(convergence.report(7)).toMatchObject({ waiting: [], convergedAt: 130 });
});

test('who holds a newer revision has applied all before it, and none after', () => {
  const convergence = new Convergence();
  const a = streamOf('a');
  for (const revision of [1, 2, 3]) convergence.begin(revision, cause, [a]);
  convergence.applied(a, 2, 110);
  expect([1, 2, 3].map((revision) => convergence.report(revision)?.waiting)).toEqual([[], [], ['a']]);
});

test('nobody waits for a stream that ended, and what concerns nobody has converged at once', () => {
  const convergence = new Convergence();
  const a = streamOf('a');
  convergence.begin(1, cause, [a]);
  convergence.begin(2, cause, []);
  convergence.ended(a);
  expect(convergence.report(1)).toMatchObject({ waiting: [], acknowledged: [] });
  expect(convergence.report(2)).toMatchObject({ convergedAt: 100 });
});

test('only the newest revisions are remembered', () => {
  const convergence = new Convergence();
  for (let revision = 0; revision < 5_000; revision++) convergence.begin(revision, cause, []);
  expect(convergence.report(100)).toBeUndefined();
  expect(convergence.report(4_999)).toBeDefined();
});

import { expect, test } from '@jest/globals';
import { kindOf, type ProblemKind } from './problem-kind.js';

test.each<[string, ProblemKind]>([
  ['internal', 'internal'],
  ['auth.bad_token', 'unauthenticated'],
  ['auth.unknown_actor', 'unauthenticated'],
  ['auth.forbidden', 'forbidden'],
  ['auth.role_out_of_reach', 'forbidden'],
  ['tag.not_permitted', 'forbidden'],
  ['node.unknown', 'unknown'],
  ['auth_key.unknown', 'unknown'],
  ['tailnet.stale_revision', 'stale'],
  ['conflict.contention', 'conflict'],
  ['node.name_taken', 'conflict'],
  ['pool.exhausted', 'conflict'],
  ['policy.invalid', 'invalid'],
  ['wire.malformed', 'invalid'],
  ['auth_key.expired', 'invalid'],
  ['store.disk_full', 'unavailable'],
  ['chain.wrong_hash', 'unavailable'],
  ['register.unusable', 'unavailable'],
  ['control.behind', 'unavailable'],
  ['tailnet.paused', 'unavailable'],
  ['event.newer_version', 'unavailable'],
  ['http.condition_required', 'unconditional'],
  ['policy.stale_revision', 'stale'],
])('%s is %s', (code, kind) => expect(kindOf({ code, message: '' })).toBe(kind));

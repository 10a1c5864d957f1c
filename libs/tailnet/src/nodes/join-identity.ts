import { equalBytes, err, fromBase64, ok, type Result } from '#kernel';
import { tagsMayTag } from '#policy';
import type { AuthKey } from '../credentials/auth-key.js';
import type { Rejection } from '../decider.js';
import type { TailnetState } from '../state.js';
import type { NodeCommands } from './node-commands.js';
import { badTags, sortedTags } from './tags.js';

/** Who a machine is once it has logged in: a user's, or tagged and nobody's. */
export interface JoinIdentity {
  readonly userId?: string;
  readonly tags: readonly string[];
  readonly authKeyId?: string;
  readonly ephemeral: boolean;
  readonly preapproved: boolean;
}

type Join = NodeCommands['JoinNode'];

/** The auth key that the proof is about, be it still good for a login or not; undefined for a checked login. */
export function provenKey(state: TailnetState, { proof }: Join): Result<AuthKey | undefined, Rejection> {
  if (!('authKeyId' in proof)) return ok(undefined);
  const key = state.authKeys.get(proof.authKeyId);
  const given = fromBase64(proof.secretHash);
  const expected = key && fromBase64(key.secretHash);
  // One answer for a wrong id and a wrong secret: nobody learns which ids exist.
  if (given && expected && equalBytes(given, expected)) return ok(key);
  const hint = 'check the key, or ask for a new one';
  return err({ code: 'auth_key.unknown', message: 'this auth key is not one of this tailnet', hint });
}

/** What the proof makes of the machine; or why it is not good for a login. */
export function joinIdentity(
  state: TailnetState,
  join: Join,
  key: AuthKey | undefined,
  now: number,
): Result<JoinIdentity, Rejection> {
  if (key) return keyIdentity(state, join, key, now);
  return 'userId' in join.proof ? userIdentity(state, join, join.proof.userId) : err(NO_PROOF);
}

const NO_PROOF: Rejection = { code: 'node.no_proof', message: 'a machine joins with an auth key or a login' };

function keyIdentity(state: TailnetState, join: Join, key: AuthKey, now: number): Result<JoinIdentity, Rejection> {
  const owned = key.userId === undefined ? undefined : userIdentity(state, join, key.userId);
  if (owned && !owned.ok) return owned;
  const unusable = unusableKey(key, now);
  if (unusable) return err(unusable);
  const rest = { authKeyId: key.id, ephemeral: key.ephemeral || join.ephemeral, preapproved: key.preapproved };
  if (owned) return ok({ ...owned.value, ...rest });
  const tags = keyTags(state, join, key);
  return tags.ok ? ok({ ...rest, tags: tags.value }) : tags;
}

/** What the machine asks for, if the key may give it; all tags of the key when it asks for none. */
function keyTags(state: TailnetState, join: Join, key: AuthKey): Result<readonly string[], Rejection> {
  const requested = sortedTags(join.requestedTags);
  const { policy } = state.policy;
  const beyond = requested.find((tag) => !key.tags.includes(tag) && !(policy && tagsMayTag(policy, key.tags, tag)));
  if (beyond === undefined) return ok(requested.length > 0 ? requested : key.tags);
  const message = `the auth key does not give the tag ${beyond}`;
  return err({ code: 'tag.not_permitted', message, where: beyond, hint: `it gives ${key.tags.join(', ')}` });
}

function unusableKey(key: AuthKey, now: number): Rejection | undefined {
  const hint = 'ask for a new one';
  if (key.revoked) return { code: 'auth_key.revoked', message: 'this auth key has been revoked', hint };
  if (key.expiresAt !== null && key.expiresAt <= now) {
    return { code: 'auth_key.expired', message: 'this auth key has expired', hint };
  }
  if (key.reusable || key.uses === 0) return undefined;
  return { code: 'auth_key.used', message: 'this one-off auth key has been used', hint };
}

function userIdentity(state: TailnetState, join: Join, userId: string): Result<JoinIdentity, Rejection> {
  const user = state.users.get(userId);
  if (!user) return err({ code: 'user.unknown', message: `there is no user ${userId}` });
  if (user.suspended) return err({ code: 'user.suspended', message: `${user.login} is suspended` });
  const tags = sortedTags(join.requestedTags);
  const problem = badTags(state, tags, user.login);
  if (problem) return err(problem);
  const rest = { tags, ephemeral: join.ephemeral, preapproved: false };
  return ok(tags.length > 0 ? rest : { userId, ...rest });
}

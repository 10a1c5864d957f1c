import type { TailnetState } from '#tailnet';
import { changedEntries } from './changed-entries.js';
import { listed, type StateChange } from './state-change.js';

/** What became of users, synced groups, auth keys and API tokens. */
export function* peopleChanges(before: TailnetState, after: TailnetState): Iterable<StateChange> {
  for (const [, old, user] of changedEntries(before.users, after.users)) {
    const subject = user?.login ?? old?.login ?? '';
    if (!user) yield { about: 'user', subject, what: 'is removed' };
    else if (!old) yield { about: 'user', subject, what: `joins with the role ${user.role}` };
    if (!user || !old) continue;
    if (old.login !== user.login) yield { about: 'user', subject, what: `is renamed, from ${old.login}` };
    if (old.displayName !== user.displayName) {
      yield { about: 'user', subject, what: `is called ${user.displayName || 'nothing'}` };
    }
    if (old.role !== user.role) yield { about: 'user', subject, what: `has the role ${user.role}, not ${old.role}` };
    if (old.suspended !== user.suspended) {
      yield { about: 'user', subject, what: user.suspended ? 'is suspended' : 'is no longer suspended' };
    }
  }
  for (const [subject, old, members] of changedEntries(before.groups, after.groups)) {
    const joined = [...(members ?? [])].filter((login) => !old?.has(login)).sort();
    const left = [...(old ?? [])].filter((login) => !members?.has(login)).sort();
    if (joined.length > 0) yield { about: 'group', subject, what: `gains ${listed(joined)}` };
    if (left.length > 0) yield { about: 'group', subject, what: `loses ${listed(left)}` };
  }
  yield* credentialChanges(before, after);
}

function* credentialChanges(before: TailnetState, after: TailnetState): Iterable<StateChange> {
  for (const [id, old, key] of changedEntries(before.authKeys, after.authKeys)) {
    const subject = key?.description || old?.description || id;
    const owner = key && (key.tags.length > 0 ? listed(key.tags) : after.users.get(key.userId ?? '')?.login);
    if (!old) yield { about: 'key', subject, what: `is issued for ${owner ?? 'nobody'}` };
    else if (!key) yield { about: 'key', subject, what: 'is removed' };
    else if (old.revoked !== key.revoked) yield { about: 'key', subject, what: 'is revoked' };
    else if (old.uses !== key.uses) yield { about: 'key', subject, what: `is used, ${key.uses} times so far` };
  }
  for (const [id, old, token] of changedEntries(before.apiTokens, after.apiTokens)) {
    const subject = token?.description || old?.description || id;
    if (!old && token) yield { about: 'token', subject, what: `is issued with the role ${token.role}` };
    else if (!token) yield { about: 'token', subject, what: 'is removed' };
    else if (old?.revoked !== token.revoked) yield { about: 'token', subject, what: 'is revoked' };
  }
}

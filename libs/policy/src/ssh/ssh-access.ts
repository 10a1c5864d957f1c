import { concernsOwn, type LabelledNode, needsSameUser, sameUser } from '../compile/reach.js';
import { admitsUser, type SshPermission } from './ssh-permission.js';

/** How a login is answered. */
export type SshAnswer = 'accept' | 'check' | 'deny';

/** Whether a rule lets people on one node log in on the other, as whichever user. */
export function sshConnects({ src, dst }: SshPermission, from: LabelledNode, to: LabelledNode): boolean {
  if (!src.some((selector) => concernsOwn(selector, from))) return false;
  return dst.some((selector) =>
    needsSameUser(selector) ? sameUser(from.subject, to.subject) : concernsOwn(selector, to),
  );
}

/** The answer to a login: that of the first rule that matches, checks first; nothing matches: denied. */
export function answerLogin(
  permissions: readonly SshPermission[],
  from: LabelledNode,
  to: LabelledNode,
  localUser: string,
): SshAnswer {
  const login = from.subject.tags.length > 0 ? undefined : from.subject.user;
  const rule = permissions.find(
    (permission) => sshConnects(permission, from, to) && admitsUser(permission.users, localUser, login),
  );
  return rule?.action ?? 'deny';
}

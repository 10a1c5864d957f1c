import type { AccessRule } from '../language/policy.js';
import type { SshPermission } from '../ssh/ssh-permission.js';
import type { Directory, Subject } from '../subject.js';
import type { Label, Rule } from './rule.js';

/**
 * A policy as labels and atoms. Its size is linear in the file, and independent of the nodes; whoever keeps nodes needs
 * `labelsOf` once per node that changed, and `rulesTo`/`rulesFrom` per label that it gained or lost.
 */
export interface CompiledPolicy {
  /** Without duplicates, in the order of the file. */
  readonly rules: readonly Rule[];
  /** Who may log in where; checks before accepts. */
  readonly ssh: readonly SshPermission[];
  readonly byId: ReadonlyMap<string, Rule>;
  /** The rules of the file that a rule comes from, by its id. */
  readonly origins: ReadonlyMap<string, readonly AccessRule[]>;
  /** The labels of this node that some rule names: its whole part in the policy, together with its user. */
  labelsOf(subject: Subject, directory: Directory): ReadonlySet<Label>;
  /** The rules whose destination a node with this label may be, or may route to. */
  rulesTo(label: Label): readonly Rule[];
  /** The rules whose source a node with this label may be, or may route from. */
  rulesFrom(label: Label): readonly Rule[];
}

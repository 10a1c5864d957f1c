import type { ChangeCommands } from './changes/change-commands.js';
import type { PlainCommands } from './plain-commands.js';

/** Command type → its data. Times are milliseconds since the Unix epoch, keys and hashes base64 of 32 raw bytes. */
export interface CommandData extends PlainCommands, ChangeCommands {}

export type CommandType = keyof CommandData;

/** A command of one type, or of any: `TailnetCommand<'JoinNode'>`. */
export type TailnetCommand<T extends CommandType = CommandType> = {
  [K in T]: { readonly type: K; readonly data: CommandData[K] };
}[T];

/** Who acts: a user, API token or node by its id, or the system itself (timers, checked logins, provisioning). */
export interface CommandActor {
  readonly kind: 'user' | 'token' | 'node' | 'system';
  readonly id: string;
}

export interface CommandEnvelope {
  /** The same id twice yields the first outcome. */
  readonly id: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly actor: CommandActor;
  /** Refuse the command unless this is the tailnet's revision (the ETag of an admin's edit). */
  readonly expectedRevision?: number;
  /** Set the rules of review aside, for this reason: an emergency, which is recorded as such. */
  readonly emergency?: string;
  readonly command: TailnetCommand;
}

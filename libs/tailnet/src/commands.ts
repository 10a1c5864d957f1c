import type { CredentialCommands } from './credentials/credential-commands.js';
import type { DnsCommands } from './dns/dns-commands.js';
import type { NodeCommands } from './nodes/node-commands.js';
import type { PolicyCommands } from './policy/policy-commands.js';
import type { RouteCommands } from './routes/route-commands.js';
import type { TailnetCommands } from './tailnet/tailnet-commands.js';
import type { UserCommands } from './users/user-commands.js';

/** Command type → its data. Times are milliseconds since the Unix epoch, keys and hashes base64 of 32 raw bytes. */
export interface CommandData
  extends TailnetCommands,
    UserCommands,
    CredentialCommands,
    NodeCommands,
    RouteCommands,
    PolicyCommands,
    DnsCommands {}

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
  readonly command: TailnetCommand;
}

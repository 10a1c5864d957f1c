import type { ReviewCommands } from './changes/review-commands.js';
import type { CredentialCommands } from './credentials/credential-commands.js';
import type { DnsCommands } from './dns/dns-commands.js';
import type { NodeCommands } from './nodes/node-commands.js';
import type { PolicyCommands } from './policy/policy-commands.js';
import type { RouteCommands } from './routes/route-commands.js';
import type { TailnetCommands } from './tailnet/tailnet-commands.js';
import type { UserCommands } from './users/user-commands.js';

/** The commands that act on the tailnet itself; a change request is made of such. */
export interface PlainCommands
  extends TailnetCommands,
    UserCommands,
    CredentialCommands,
    NodeCommands,
    RouteCommands,
    PolicyCommands,
    DnsCommands,
    ReviewCommands {}

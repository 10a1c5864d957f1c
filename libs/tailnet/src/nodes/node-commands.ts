import type { RemovalReason } from './node-events.js';

/** Why a machine may join: an auth key whose secret has this hash, or a login that the control plane has checked. */
export type JoinProof = { readonly authKeyId: string; readonly secretHash: string } | { readonly userId: string };

export interface NodeCommands {
  /**
   * A machine joins, or logs in again when its machine key is known. That the machine holds its keys has been proven
   * to the control plane. Look the node up by its machine key afterwards: it may keep an older id.
   */
  JoinNode: {
    /** The id to use if the machine is new. */
    readonly nodeId: string;
    readonly machineKey: string;
    readonly nodeKey: string;
    readonly hostname: string;
    readonly os: string;
    readonly proof: JoinProof;
    readonly requestedTags: readonly string[];
    /** Whether the machine asks to be removed once offline; an ephemeral auth key makes it so in any case. */
    readonly ephemeral: boolean;
  };
  ApproveNode: { readonly nodeId: string };
  /** A null name: let it follow the hostname again. */
  RenameNode: { readonly nodeId: string; readonly name: string | null };
  /** Replaces all tags. There is no way back to an untagged node but to log in again. */
  TagNode: { readonly nodeId: string; readonly tags: readonly string[] };
  /** Replaces the WireGuard key. It does not put off the expiry: only a login does. */
  RotateKey: { readonly nodeId: string; readonly nodeKey: string };
  /** Makes the key invalid now. */
  ExpireNode: { readonly nodeId: string };
  SetNodeExpiry: { readonly nodeId: string; readonly keyExpiresAt: number | null };
  /** The machine's name for itself; the node's name follows it unless a person chose one. */
  SetHostname: { readonly nodeId: string; readonly hostname: string; readonly os: string };
  RemoveNode: { readonly nodeId: string; readonly reason: Exclude<RemovalReason, 'user-removed'> };
  /** Expires every key that is due, and nothing else. */
  ExpireDue: Readonly<Record<string, never>>;
}

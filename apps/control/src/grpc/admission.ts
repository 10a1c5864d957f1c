import { equalBytes, fromBase64, NetfoldError } from '#kernel';
import type { Network } from '#netmap';
import { decodeHelloClaim, type HelloClaim, type SignedClaim } from '#wire';
import { verifyClaim } from '../auth/claims.js';
import type { Following } from '../ledger/following.js';
import { sought } from '../ledger/sought.js';
import { formerNetwork } from '../stream/former-network.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Tailnets } from '../tailnet/tailnets.js';

/** How long an agent that knows more than this server waits for the server to see it too, in milliseconds. */
const PATIENCE_MS = 5_000;

/** An agent that has proven which node it is. */
export interface Admitted {
  readonly tailnet: Tailnet;
  readonly hello: HelloClaim;
  /** See `formerNetwork`. */
  readonly former: Network | undefined;
}

/** What admission needs of the program. */
export interface AdmissionPorts {
  readonly tailnets: Tailnets;
  readonly following: Pick<Following, 'caughtUp'>;
}

/**
 * Lets an agent in that proves to be the node it says. What it knows already, another replica may have told it: then this
 * one waits until it knows it too, so that the agent sees no history go back.
 * @throws NetfoldError `auth.…`, `node.unknown`, `wire.malformed`; `control.behind` when another replica is a better choice
 */
export async function admit(
  { tailnets, following }: AdmissionPorts,
  nonce: Uint8Array,
  signed: SignedClaim,
): Promise<Admitted> {
  const hello = decodeHelloClaim(signed.claim);
  if (!equalBytes(hello.nonce, nonce)) throw otherNonce();
  const { tailnet, node } = await sought(() => tailnets.ofNode(hello.nodeId), following);
  verifyClaim('hello', fromBase64(node.machineKey) ?? new Uint8Array(), signed);
  const isAhead = () => newestKnownTo(hello, tailnet) > tailnet.fold.head.revision;
  if (isAhead()) await following.caughtUp(AbortSignal.timeout(PATIENCE_MS));
  const isWhole = tailnet.netmaps.latest.revision === tailnet.fold.head.revision;
  if (tailnet.paused && (isAhead() || !isWhole)) throw tailnet.paused;
  // If it still is, the ledger was rolled back: the agent must be shown what there is, to raise its alarm.
  return { tailnet, hello, former: await formerNetwork(tailnet, hello) };
}

/** The newest revision that the agent was told of, in the history that this server tells. */
function newestKnownTo({ resume, ledger }: HelloClaim, { netmaps }: Tailnet): number {
  const held = resume && equalBytes(resume.epoch, netmaps.epoch) ? resume.revision : -1;
  return Math.max(held, (ledger?.size ?? 0) - 1);
}

const otherNonce = (): NetfoldError =>
  new NetfoldError({
    code: 'auth.bad_nonce',
    message: 'the hello does not answer the challenge of this stream',
    hint: 'sign the nonce that the stream began with',
  });

import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { toBase64 } from '#kernel';
import { decodeRegisterClaim, type LoginBegun, type SignedClaim } from '#wire';
import { verifyClaim } from '../auth/claims.js';
import { Nonces } from '../auth/nonces.js';
import { Identity } from '../identity/identity.js';

/** A machine wants a person to be asked whether it may join. */
export class BeginLogin extends Command<LoginBegun> {
  /** @param from the address that it came from, which the person is shown */
  constructor(
    readonly signed: SignedClaim,
    readonly from: string,
  ) {
    super();
  }
}

/** Checks that the machine is who it says, and lets it wait. */
@CommandHandler(BeginLogin)
export class BeginLoginHandler implements ICommandHandler<BeginLogin> {
  constructor(
    private readonly nonces: Nonces,
    private readonly identity: Identity,
  ) {}

  /** @throws NetfoldError `login.too_many`, and what is wrong with the claim */
  async execute({ signed, from }: BeginLogin): Promise<LoginBegun> {
    const claim = decodeRegisterClaim(signed.claim);
    verifyClaim('beginLogin', claim.machineKey, signed);
    this.nonces.use(claim.nonce);
    const { hostname, os, tags } = claim;
    const address = from.replace(/^ipv[46]:|:\d+$/g, '');
    const machine = { machineKey: toBase64(claim.machineKey), hostname, os, tags };
    const { secret, code } = await this.identity.machines.enter(machine, address);
    return { url: `${this.identity.url()}/connect/${code}`, ticket: secret };
  }
}

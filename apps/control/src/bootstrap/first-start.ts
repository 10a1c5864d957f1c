import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Actor } from '#event-store';
import { systemRandom } from '#host';
import { newId, toBase64 } from '#kernel';
import type { TailnetCommand } from '#tailnet';
import { hashSecret } from '../auth/credential-text.js';
import { deriveApiToken } from '../auth/derived-token.js';
import { ServerSecret } from '../auth/server-secret.js';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import type { ControlOptions } from '../config/control-options.js';
import { ownerIdOf } from '../http/views/user-view.js';
import type { WriteOutcome } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { Tailnets } from '../tailnet/tailnets.js';
import { DEFAULT_POLICY } from './default-policy.js';
import { FIRST_OWNER } from './first-owner.js';
import { FIRST_TOKEN_COMMAND, firstTailnetId } from './first-token.js';

const SYSTEM: Actor = { kind: 'system', id: 'first-start' };
const ULA_BYTES = 5;

/** Makes the first tailnet of an empty ledger. */
@Injectable()
export class FirstStart {
  constructor(
    private readonly bus: CommandBus,
    private readonly tailnets: Tailnets,
    private readonly secrets: ServerSecret,
  ) {}

  /**
   * Creates what is missing. A start that was cut off goes on where it was, and several at once do it together: every
   * command has a fixed id.
   * @returns the first API token when it was this start that issued it, to be shown once
   */
  async run({
    name = 'home',
    ownerLogin = FIRST_OWNER,
  }: NonNullable<ControlOptions['tailnet']>): Promise<string | undefined> {
    const id = firstTailnetId(this.secrets);
    if (this.#isComplete(id)) return undefined;
    const tailnet = this.tailnets.open(id);
    const ulaBytes = toBase64(systemRandom.bytes(ULA_BYTES));
    await this.#change(tailnet, {
      type: 'CreateTailnet',
      data: { tailnetId: id, name, dnsSuffix: `${name}.netfold.internal`, ulaBytes },
    });
    await this.#change(tailnet, {
      type: 'AddUser',
      data: { userId: newId('user', systemRandom), login: ownerLogin, displayName: '', role: 'owner' },
    });
    const published = await this.#change(tailnet, { type: 'PublishAcl', data: { text: DEFAULT_POLICY } });
    const owner = ownerIdOf(await tailnet.fold.reached(published.revision));
    const person = owner === undefined ? {} : { userId: owner };
    const wish = { role: 'owner', ...person, description: 'first start', expiresAt: null } as const;
    const { tokenId, secret, text } = deriveApiToken(this.secrets, id, FIRST_TOKEN_COMMAND);
    const data = { ...wish, tokenId, secretHash: hashSecret(secret) };
    const { revision, events } = await this.#change(tailnet, { type: 'IssueApiToken', data });
    await tailnet.fold.reached(revision);
    return events.length > 0 ? text : undefined;
  }

  /** Anything else in the ledger means that it was not this server's secret that began it. */
  #isComplete(id: string): boolean {
    const [first] = this.tailnets.all();
    // What cannot be read is there all the same.
    if ([...this.tailnets.paused()].length > 0) return true;
    return first !== undefined && (first.id !== id || !first.fold.state.apiTokens.isEmpty());
  }

  #change(tailnet: Tailnet, command: TailnetCommand): Promise<WriteOutcome> {
    return this.bus.execute(new ChangeTailnet(tailnet, { id: `first-start-${command.type}`, actor: SYSTEM, command }));
  }
}

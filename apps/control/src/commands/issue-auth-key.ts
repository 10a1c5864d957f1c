import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { TailnetCommand } from '#tailnet';
import { formatAuthKey, hashSecret } from '../auth/credential-text.js';
import { ServerSecret } from '../auth/server-secret.js';
import type { WriteRequest } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** What an auth key is for. */
export type AuthKeyWish = Omit<TailnetCommand<'IssueAuthKey'>['data'], 'keyId' | 'secretHash'>;

/** A key that was issued; the only time that its text is seen. */
export interface IssuedAuthKey {
  readonly revision: number;
  readonly keyId: string;
  readonly key: string;
}

/** Makes an auth key. */
export class IssueAuthKey extends Command<IssuedAuthKey> {
  constructor(
    readonly tailnet: Tailnet,
    readonly request: Omit<WriteRequest, 'command'>,
    readonly wish: AuthKeyWish,
  ) {
    super();
  }
}

/**
 * Derives the key from the command's id, so that a caller who repeats a request whose answer was lost gets the same
 * key. The ledger gets a hash of it.
 */
@CommandHandler(IssueAuthKey)
export class IssueAuthKeyHandler implements ICommandHandler<IssueAuthKey> {
  constructor(private readonly secrets: ServerSecret) {}

  async execute({ tailnet, request, wish }: IssueAuthKey): Promise<IssuedAuthKey> {
    const keyId = this.secrets.deriveText(12, 'auth key id', tailnet.id, request.id);
    const secret = this.secrets.deriveText(32, 'auth key secret', tailnet.id, request.id);
    const data = { ...wish, keyId, secretHash: hashSecret(secret) };
    const { revision } = await tailnet.writer.execute({ ...request, command: { type: 'IssueAuthKey', data } });
    return { revision, keyId, key: formatAuthKey(keyId, secret) };
  }
}

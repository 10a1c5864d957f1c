import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { TailnetCommand } from '#tailnet';
import { hashSecret } from '../auth/credential-text.js';
import { deriveApiToken } from '../auth/derived-token.js';
import { ServerSecret } from '../auth/server-secret.js';
import type { WriteRequest } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** What an API token is for. */
export type ApiTokenWish = Omit<TailnetCommand<'IssueApiToken'>['data'], 'tokenId' | 'secretHash'>;

/** A token that was issued; the only time that its text is seen. */
export interface IssuedApiToken {
  readonly revision: number;
  readonly tokenId: string;
  readonly token: string;
}

/** Makes an API token. */
export class IssueApiToken extends Command<IssuedApiToken> {
  constructor(
    readonly tailnet: Tailnet,
    readonly request: Omit<WriteRequest, 'command'>,
    readonly wish: ApiTokenWish,
  ) {
    super();
  }
}

/** Derives the token from the command's id, as auth keys are. */
@CommandHandler(IssueApiToken)
export class IssueApiTokenHandler implements ICommandHandler<IssueApiToken> {
  constructor(private readonly secrets: ServerSecret) {}

  async execute({ tailnet, request, wish }: IssueApiToken): Promise<IssuedApiToken> {
    const { tokenId, secret, text } = deriveApiToken(this.secrets, tailnet.id, request.id);
    const data = { ...wish, tokenId, secretHash: hashSecret(secret) };
    const { revision } = await tailnet.writer.execute({ ...request, command: { type: 'IssueApiToken', data } });
    return { revision, tokenId, token: text };
  }
}

import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { NetfoldError } from '#kernel';
import { type Io, remark } from '../../output/io.js';

/** RFC 8628, 3.2 */
interface DeviceAuthorization {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri_complete: string;
  /** Seconds. */
  readonly interval?: number;
}

/** RFC 6749, 5.1 and 5.2 */
interface TokenAnswer {
  readonly access_token?: string;
  readonly error?: string;
  readonly error_description?: string;
}

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * Has a person allow this command line, in any browser, to act for them (RFC 8628).
 * @returns an API token
 * @throws NetfoldError `login.denied`, `login.expired`, `control.unreachable`
 */
export async function deviceLogin(io: Io, server: string): Promise<string> {
  const client = `${io.env.USER ?? 'somebody'} on ${hostname()}`;
  const begun = (await post(io, server, 'device_authorization', {
    client_id: client,
  })) as unknown as DeviceAuthorization;
  remark(io, `\nTo sign in, visit:\n\n\t${begun.verification_uri_complete}\n`);
  remark(io, `and check that it shows the code ${begun.user_code}.`);
  for (;;) {
    const answer = await post(io, server, 'token', { grant_type: GRANT, device_code: begun.device_code });
    if (answer.access_token) return answer.access_token;
    if (answer.error !== 'authorization_pending' && answer.error !== 'slow_down') throw failed(answer, server);
    await setTimeout((begun.interval ?? 5) * 1_000, undefined, { signal: io.interrupted });
  }
}

async function post(io: Io, server: string, path: string, fields: Record<string, string>): Promise<TokenAnswer> {
  const url = `${server.replace(/\/+$/, '')}/oauth/${path}`;
  try {
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), signal: io.interrupted });
    return (await response.json()) as TokenAnswer;
  } catch (cause) {
    const hint = 'check that the server runs, and the URL';
    throw new NetfoldError(
      { code: 'control.unreachable', message: 'the control plane does not answer', where: url, hint },
      { cause },
    );
  }
}

const failed = ({ error, error_description }: TokenAnswer, server: string): NetfoldError =>
  new NetfoldError({
    code: error === 'access_denied' ? 'login.denied' : 'login.expired',
    message: error_description ?? error ?? 'the server gave no token',
    where: server,
    hint: 'begin again: netfold login --server URL',
  });

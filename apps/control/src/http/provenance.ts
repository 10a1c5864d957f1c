import { NetfoldError } from '#kernel';

const MAX_REASON = 500;

/**
 * Why a change is made, as the header `Netfold-Reason` has it: UTF-8, percent-encoded.
 * @throws NetfoldError `http.bad_reason`
 */
export function reasonOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = decoded(value)?.trim();
  if (text === undefined) throw badReason('is not percent-encoded UTF-8', 'send encodeURIComponent(text)');
  if (text.length > MAX_REASON) throw badReason(`is longer than ${MAX_REASON} characters`, 'say it in fewer words');
  if (/\p{Cc}/u.test(text)) throw badReason('has control characters in it', 'write it on one line');
  return text === '' ? undefined : text;
}

function decoded(value: string): string | undefined {
  if (!/^[ -~]*$/.test(value)) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

const badReason = (what: string, hint: string): NetfoldError =>
  new NetfoldError({ code: 'http.bad_reason', message: `the reason ${what}`, where: 'Netfold-Reason', hint });

/**
 * The program that a request comes through, as it calls itself in the header `Netfold-Client`: `cli`, `console`.
 * @throws NetfoldError `http.bad_client`
 */
export function programOf(value: string | undefined): string | undefined {
  if (value === undefined || /^[a-z][a-z0-9-]{0,31}$/.test(value)) return value;
  throw new NetfoldError({
    code: 'http.bad_client',
    message: 'this is not the name of a program',
    where: 'Netfold-Client',
    hint: 'use up to 32 lower-case letters, digits and dashes',
  });
}

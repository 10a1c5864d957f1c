import { NetfoldError } from '#kernel';

const MAX_REASON = 500;

/**
 * Why a change is made, as the header `Netfold-Reason` has it: UTF-8, percent-encoded.
 * @throws NetfoldError `http.bad_reason`
 */
export const reasonOf = (value: string | undefined): string | undefined => sentenceIn('Netfold-Reason', value);

/**
 * Why the rules of review are to be set aside, as the header `Netfold-Emergency` has it: UTF-8, percent-encoded.
 * @throws NetfoldError `http.bad_reason`
 */
export const emergencyOf = (value: string | undefined): string | undefined => sentenceIn('Netfold-Emergency', value);

function sentenceIn(header: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = decoded(value)?.trim();
  const bad = (what: string, hint: string) => badReason(what, header, hint);
  if (text === undefined) throw bad('is not percent-encoded UTF-8', 'send encodeURIComponent(text)');
  if (text.length > MAX_REASON) throw bad(`is longer than ${MAX_REASON} characters`, 'say it in fewer words');
  if (/\p{Cc}/u.test(text)) throw bad('has control characters in it', 'write it on one line');
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

const badReason = (what: string, where: string, hint: string): NetfoldError =>
  new NetfoldError({ code: 'http.bad_reason', message: `the reason ${what}`, where, hint });

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

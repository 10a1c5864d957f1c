import type { NetfoldError } from '#kernel';

/** What an operation can end with, as the other implementations say it: negative errno values of Linux. */
export const UAPI_ERRNO = {
  ok: 0,
  notPermitted: -1,
  io: -5,
  invalid: -22,
  protocol: -71,
  notSupported: -95,
  inUse: -98,
} as const;

/** Why a device or a host refuses a change. */
export type UapiRefusal = keyof typeof REFUSALS;

const REFUSALS = {
  'wireguard.not_permitted': UAPI_ERRNO.notPermitted,
  'wireguard.not_supported': UAPI_ERRNO.notSupported,
  'wireguard.in_use': UAPI_ERRNO.inUse,
} as const;

export function errnoOf({ code }: NetfoldError): number {
  if (Object.hasOwn(REFUSALS, code)) return REFUSALS[code as UapiRefusal];
  return code.startsWith('wireguard.') ? UAPI_ERRNO.invalid : UAPI_ERRNO.io;
}

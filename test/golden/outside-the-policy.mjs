// What the captures show that no policy decides, each with its reason. Everything else is compared.

/** Capabilities that the reference's control plane gives by itself, whatever `nodeAttrs` says. */
export const BUILT_IN_CAPABILITIES = new Map([
  ['https://tailscale.com/cap/is-owner', 'follows from the role of the user, or of the owners of the tag'],
  ['https://tailscale.com/cap/is-admin', 'follows from the role of the user'],
  ['https://tailscale.com/cap/file-sharing', 'a feature that the tailnet has switched on'],
  ['https://tailscale.com/cap/ssh', 'a feature that the tailnet has switched on'],
  ['https://tailscale.com/cap/tailnet-lock', 'a feature that the tailnet has switched on'],
  ['https://tailscale.com/cap/funnel-ports?ports=443,8443,10000', 'the ports of the reference’s own ingress servers'],
  ['https://tailscale.com/cap/warn-funnel-no-https', 'says that the tailnet has no certificates from the reference'],
  ['default-auto-update', 'a setting of the tailnet'],
  ['probe-udp-lifetime', 'tuning of the reference’s client'],
  ['ssh-behavior-v1', 'tuning of the reference’s client'],
  ['ssh-env-vars', 'tuning of the reference’s client'],
  ['store-appc-routes', 'tuning of the reference’s client'],
  ['tailnet-display-name', 'a setting of the tailnet'],
]);

/** Single answers that a policy cannot lead to: by the id of the case, what differs and why. */
const EXCUSES = new Map([
  [
    'nodeattrs-error-e3-autogroup-self',
    { what: 'answer', why: 'the reference crashed (500 internal server error); refused here with a message' },
  ],
]);

export function isExcused(id, { what }) {
  return EXCUSES.get(id)?.what === what;
}

/**
 * The message of the reference, with what the captures hide put back: the domain of a refused `localpart:*@DOMAIN` is
 * PASSKEY in the message where the policy of the same capture still has it.
 */
export function unredacted({ error, policy }) {
  if (!error?.startsWith('PASSKEY ')) return error;
  const [, domain] = /localpart:\*@([^"]+)"/.exec(JSON.stringify(policy)) ?? [];
  return error.replace('PASSKEY', domain);
}

import { type Chapter, prints, silentAbout, succeeds } from '../step.js';

export const wireguard: Chapter = {
  title: 'What WireGuard works with',
  steps: [
    {
      title: 'the configuration in force: peers, their keys and what is sent to them',
      on: 'laptop',
      command: 'netfold debug wgconf',
      soon: true,
      expect: [
        prints(/^\[Interface\]$/m),
        prints(/^\[Peer\]$/m),
        prints(/^PublicKey = [\w+/]{43}=$/m),
        prints(/^PresharedKey = \(hidden\)$/m),
        prints(/^AllowedIPs = .*\b192\.168\.1\.0\/24\b/m),
        prints(/^PersistentKeepalive = \d+$/m),
        silentAbout(/^PrivateKey = [\w+/]{43}=$/m),
        succeeds,
      ],
    },
  ],
};

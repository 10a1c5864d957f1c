import type { Crypto } from '#crypto';
import { Keypair } from '#wireguard';
import type { Task } from './task.js';

/** One end of a session whose keys are known. */
export const sessionOf = (crypto: Crypto, { send, receive }: Task['keys']): Keypair =>
  new Keypair(
    crypto,
    {
      sendKey: send.slice(),
      receiveKey: receive.slice(),
      localIndex: 1,
      remoteIndex: 2,
      presharedKey: 'none',
    },
    'initiator',
    0,
    Number.POSITIVE_INFINITY,
  );

import { type KeyPair, newDhKeyPair } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { systemRandom } from '#host';
import type { Host } from '../../netns/lab/host.js';
import { Lab } from '../../netns/lab/lab.js';

export interface BedOptions {
  /** How long each part of a measurement lasts. */
  readonly seconds: number;
  /** Of the tunnels. */
  readonly mtu: number;
}

/** Where the load of many peers comes from: host `from` has all of these addresses. */
export const MANY_SOURCES = '10.20';

/** What all measurements take place on: hosts in namespaces of their own, on one switch. */
export class Bed {
  readonly keys: readonly [KeyPair, KeyPair] = [newKeyPair(), newKeyPair()];

  private constructor(
    readonly lab: Lab,
    readonly options: BedOptions,
    /** The two ends of every tunnel. */
    readonly from: Host,
    readonly to: Host,
    /** One that is no peer of anybody's. */
    readonly stranger: Host,
  ) {}

  static open(options: BedOptions): Bed {
    const lab = Lab.open();
    const [from, to] = [lab.host('a', `${outerAddress(0)}/24`), lab.host('b', `${outerAddress(1)}/24`)];
    from.ip('route', 'add', 'local', `${MANY_SOURCES}.0.0/16`, 'dev', 'lo');
    to.ip('route', 'add', `${MANY_SOURCES}.0.0/16`, 'via', outerAddress(0));
    return new Bed(lab, options, from, to, lab.host('c', `${STRANGER}/24`));
  }

  close(): Promise<void> {
    return this.lab.close();
  }
}

export const newKeyPair = (): KeyPair => newDhKeyPair(new NativeCrypto(), systemRandom);
export const innerAddress = (index: 0 | 1): string => `10.66.0.${index + 1}`;
export const outerAddress = (index: 0 | 1): string => `10.9.0.${index + 2}`;
export const STRANGER = '10.9.0.9';
export const PORT = 51_820;

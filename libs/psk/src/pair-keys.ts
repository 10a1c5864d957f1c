import { type Crypto, type KeyPair, kdf1, kdf2 } from '#crypto';
import { equalBytes, utf8 } from '#kernel';
import { composeLetter, isAuthentic, type LetterKind, type ReceivedLetter } from './letter.js';

const PROTOCOL = utf8('netfold pre-shared key agreement v1');
const CLOSING = utf8('netfold pre-shared key agreement v1: confirm and done');
const NOTHING = new Uint8Array();

/** Who of a pair is who, by node id and node key. */
export interface PairNames {
  readonly ownId: string;
  readonly theirId: string;
  readonly own: KeyPair;
  readonly theirs: Uint8Array;
}

/** Of two nodes, the one with the lesser id offers. */
export const isOfferer = ({ ownId, theirId }: Pick<PairNames, 'ownId' | 'theirId'>): boolean => ownId < theirId;

/** What two node keys give to those who own them: nobody else can write, or alter, what is said under them. */
export class PairKeys {
  /** Names the pair, its node keys and this protocol. */
  readonly context: Uint8Array;
  private readonly shared: Uint8Array;
  private readonly authentication: Uint8Array;

  private constructor(
    readonly crypto: Crypto,
    readonly names: PairNames,
    shared: Uint8Array,
  ) {
    const { ownId, theirId, own, theirs } = names;
    const both = [
      { id: ownId, key: own.publicKey },
      { id: theirId, key: theirs },
    ];
    if (!isOfferer(names)) both.reverse();
    this.context = crypto.sha256(PROTOCOL, ...both.flatMap(({ id, key }) => [crypto.sha256(utf8(id)), key]));
    this.shared = shared;
    this.authentication = kdf1(crypto, this.context, shared);
  }

  /** Undefined when the peer's key is of low order: nothing secret comes of it. */
  static of(crypto: Crypto, names: PairNames): PairKeys | undefined {
    const shared = crypto.dh(names.own.privateKey, names.theirs);
    return shared && new PairKeys(crypto, names, shared);
  }

  /** Whether a letter is between these two keys. */
  fits({ from, to }: ReceivedLetter): boolean {
    return equalBytes(from, this.names.theirs) && equalBytes(to, this.names.own.publicKey);
  }

  /** A letter that only the other one, or this one, can have written. @param key 32 bytes; the pair's when absent */
  write(kind: LetterKind, epoch: number, content = NOTHING, key = this.authentication): Uint8Array {
    const letter = { kind, epoch, from: this.names.own.publicKey, to: this.names.theirs, content };
    return composeLetter(letter, (bytes) => this.crypto.hmac(key, bytes));
  }

  /** Whether the other one wrote it. */
  verify(letter: ReceivedLetter, key = this.authentication): boolean {
    return isAuthentic(letter, (bytes) => this.crypto.hmac(key, bytes));
  }

  /**
   * What comes of an offer and the answer to it.
   * @param secret of ML-KEM; is used up
   * @param offer the whole letter
   */
  derive(secret: Uint8Array, offer: Uint8Array, ciphertext: Uint8Array): AgreedKeys {
    const { crypto } = this;
    const input = new Uint8Array([...secret, ...this.shared]);
    const [presharedKey, answerKey] = kdf2(crypto, crypto.sha256(this.context, offer, ciphertext), input);
    crypto.wipe(secret, input);
    return { presharedKey, answerKey };
  }

  /** What `confirm` and `done` are written under. */
  closing(presharedKey: Uint8Array): Uint8Array {
    return this.crypto.hmac(presharedKey, CLOSING);
  }

  wipe(): void {
    this.crypto.wipe(this.shared, this.authentication);
  }
}

interface AgreedKeys {
  readonly presharedKey: Uint8Array;
  /** What the answer is written under: it proves both the ciphertext and who made it. */
  readonly answerKey: Uint8Array;
}

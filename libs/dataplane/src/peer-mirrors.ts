import { toBase64 } from '#kernel';
import type { EngineEvent, PeerView } from '#wireguard';
import type { UdpPath } from './udp-path.js';

export interface Mirror extends PeerView<UdpPath> {
  publicKey: Uint8Array;
  path: UdpPath | undefined;
  connected: boolean;
}

/** Peers of an engine in another thread, as the same objects for as long as the peers are there. */
export class PeerMirrors {
  readonly #byLabel = new Map<string, Mirror>();
  readonly #byKey = new Map<string, Mirror>();

  /** Of a peer that is about to be there. */
  make(publicKey: Uint8Array, label: string, path: UdpPath | undefined): Mirror {
    return { label, publicKey, path, connected: false };
  }

  /** The peer is there. */
  put(mirror: Mirror): void {
    this.#byLabel.set(mirror.label, mirror);
    this.#byKey.set(toBase64(mirror.publicKey), mirror);
  }

  pathOf(publicKey: Uint8Array): UdpPath | undefined {
    return this.#byKey.get(toBase64(publicKey))?.path;
  }

  /** Sessions are gone. @returns the peers that there was one with */
  disconnect(): PeerView<UdpPath>[] {
    const connected = [...this.#byKey.values()].filter((mirror) => mirror.connected);
    for (const mirror of connected) mirror.connected = false;
    return connected;
  }

  remove(publicKey: Uint8Array): void {
    const mirror = this.#byKey.get(toBase64(publicKey));
    if (!mirror) return;
    this.#byKey.delete(toBase64(publicKey));
    if (this.#byLabel.get(mirror.label) === mirror) this.#byLabel.delete(mirror.label);
  }

  setKey(before: Uint8Array, after: Uint8Array): void {
    const mirror = this.#byKey.get(toBase64(before));
    if (!mirror) return;
    this.#byKey.delete(toBase64(before));
    mirror.publicKey = after;
    this.#byKey.set(toBase64(after), mirror);
  }

  setPath(publicKey: Uint8Array, path: UdpPath): void {
    const mirror = this.#byKey.get(toBase64(publicKey));
    if (mirror) mirror.path = path;
  }

  /** The event with the peer's mirror in it, which then is what the event says; undefined when the peer is gone. */
  reflect(event: EngineEvent<UdpPath>): EngineEvent<UdpPath> | undefined {
    if (event.type === 'identity_retired') return event;
    const mirror = this.#byLabel.get(event.peer.label);
    if (!mirror) return undefined;
    mirror.path = event.peer.path;
    if (event.type === 'handshake_completed') mirror.connected = true;
    if (event.type === 'session_expired') mirror.connected = false;
    return { ...event, peer: mirror };
  }
}

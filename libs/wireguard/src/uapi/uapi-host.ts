import type { Path } from '../path.js';

/** What the userspace API asks of the program around the engine. */
export interface UapiHost<P extends Path = Path> {
  /** 0 while no socket is open. */
  listenPort(): number;
  /** @throws NetfoldError with a code of `UapiRefusal` */
  setListenPort(port: number): void;
  /** 0 for none. */
  firewallMark(): number;
  /** @throws NetfoldError with a code of `UapiRefusal` */
  setFirewallMark(mark: number): void;
  /** The path that `192.0.2.1:51820` or `[2001:db8::1]:51820` stands for. */
  parseEndpoint(text: string): P | undefined;
  /** The text of a path that is a UDP address; undefined for others. */
  formatEndpoint(path: P): string | undefined;
  /** Told why an operation failed, of which the asker hears only a number. */
  failed?(error: unknown): void;
}

import type { UdpPath } from '#dataplane';
import { EXIT_MARK } from '#host';
import { NetfoldError } from '#kernel';
import { answerUapi, type UapiHost, type UapiRefusal } from '#wireguard';
import type { Tunnel } from '../engine/tunnel.js';
import { parsePath } from '../engine/udp-path.js';
import type { HandSettings } from './hand-settings.js';

export interface InterfaceUapiOptions {
  /** The UDP port is another one. */
  readonly onPort: (port: number) => void;
  /** The mark is another one. */
  readonly onMark: (mark: number) => void;
  readonly log: (line: string) => void;
}

/** What `wg` sees and sets of a node's interface. */
export class InterfaceUapi implements UapiHost<UdpPath> {
  #mark: number = EXIT_MARK;

  constructor(
    readonly tunnel: Tunnel,
    readonly settings: HandSettings,
    readonly options: InterfaceUapiOptions,
  ) {}

  /** @returns the answer to one operation; whatever is wrong with it is part of the answer */
  answer(operation: string): string {
    const answer = answerUapi(this.tunnel.now, this.settings, this, operation);
    this.tunnel.settle();
    return answer;
  }

  listenPort(): number {
    return this.tunnel.path.localPort;
  }

  /** @param port 0, as in a file that names none, is the one that is in use */
  setListenPort(port: number): void {
    if (port === 0 || port === this.listenPort()) return;
    refusing(() => this.tunnel.path.setPort(port));
    this.options.onPort(port);
  }

  firewallMark(): number {
    return this.#mark;
  }

  /** @param mark 0, as in a file that names none, is the agent's own, without which an exit node would be a loop */
  setFirewallMark(mark: number): void {
    const wanted = mark || EXIT_MARK;
    if (wanted === this.#mark) return;
    refusing(() => this.tunnel.path.setMark(wanted));
    this.#mark = wanted;
    this.options.onMark(wanted);
  }

  parseEndpoint(text: string): UdpPath | undefined {
    return parsePath(text);
  }

  formatEndpoint({ key }: UdpPath): string | undefined {
    return parsePath(key) && key;
  }

  failed(error: unknown): void {
    const { message, hint } = error as { message?: string; hint?: string };
    this.options.log(`what wg asked for was not done: ${message ?? String(error)}${hint ? ` (${hint})` : ''}`);
  }
}

const REFUSALS: Readonly<Record<string, UapiRefusal>> = {
  'host.port_in_use': 'wireguard.in_use',
  'host.need_root': 'wireguard.not_permitted',
  'dataplane.fixed_socket': 'wireguard.not_supported',
};

/** What the data path refuses, in the words of the userspace API. */
function refusing(change: () => void): void {
  try {
    change();
  } catch (error) {
    const code = error instanceof NetfoldError ? REFUSALS[error.code] : undefined;
    throw code ? new NetfoldError({ code, message: (error as Error).message }, { cause: error }) : error;
  }
}

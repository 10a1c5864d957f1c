/** What an interface is to be like. Prefixes are in CIDR form; a bare address stands for its host prefix. */
export interface InterfaceSettings {
  /** The host's own addresses on it, each with its length: `100.64.0.1/32`. */
  readonly addresses: readonly string[];
  /** In bytes. */
  readonly mtu: number;
  /** What is reached through it. A default route (`0.0.0.0/0`, `::/0`) makes it the way to everything: an exit node. */
  readonly routes: readonly string[];
  /**
   * What keeps going the old way though a route covers it, such as the control server and the relays. Datagrams of a
   * socket with the mark do so anyhow.
   */
  readonly bypass?: readonly string[];
  /**
   * With a default route only: whether the networks that the host has a way of its own to, beside its default, stay in
   * reach; names are not looked up there. True when absent.
   */
  readonly lan?: boolean;
  /** Of packets that must not go into the tunnel; `EXIT_MARK` when absent. */
  readonly mark?: number;
}

/** The mark (SO_MARK) of packets that must not go into the tunnel, since they carry it. */
export const EXIT_MARK = 0x6e66;

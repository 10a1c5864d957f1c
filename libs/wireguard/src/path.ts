/**
 * A way to reach a peer: a UDP address, a relay, whatever moves datagrams. The engine only compares and returns it.
 */
export interface Path {
  /** Equal for equal paths: what a cookie is bound to, so it must name the address that datagrams come from. */
  readonly key: string;
  /** What handshakes are limited by under load, such as the IP address without its port, or its network; the key when absent. */
  readonly source?: string;
}

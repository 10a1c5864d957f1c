/** Where a datagram comes from or goes to: an IP address in its canonical text, and a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export type DatagramListener = (bytes: Uint8Array, source: Endpoint) => void;

/** One UDP port of this host, in every address family that the host has. */
export interface UdpSocket {
  readonly localPort: number;
  /** Takes every datagram that arrives. There is one listener; a later one replaces it. It owns the bytes. */
  onDatagram(listener: DatagramListener): void;
  /** Sends without waiting. As with any network the datagram may be lost; the caller may reuse the bytes at once. */
  send(to: Endpoint, bytes: Uint8Array): void;
  /** Closing twice is closing once. */
  close(): Promise<void>;
}

/** The transport of one stream, as far as the server writes to it. */
export interface MessageSink {
  /** Hands over one message. @param sent called when the transport has taken it all and wants more */
  send(message: Uint8Array, sent: () => void): void;
  /** Ends the stream behind what was sent. */
  end(): void;
}

import { type Address, formatAddress } from '#net';

export interface TcpEndpoint {
  readonly address: Address;
  readonly port: number;
}

/** The two ends of a connection, seen from here. Both addresses are of one family. */
export interface Flow {
  readonly local: TcpEndpoint;
  readonly remote: TcpEndpoint;
}

/** `100.64.0.1:80`, `[fd7a::1]:80`. */
export const formatEndpoint = ({ address, port }: TcpEndpoint): string =>
  address.length === 4 ? `${formatAddress(address)}:${port}` : `[${formatAddress(address)}]:${port}`;

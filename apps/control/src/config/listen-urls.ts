import type { ListenAddress } from './control-options.js';

/** As URLs have it: an IPv6 address stands in brackets. */
export const authority = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** Where a server is that listens there. */
export const httpUrlOf = ({ host }: ListenAddress, secure: boolean, port: number): string =>
  `${secure ? 'https' : 'http'}://${authority(host, port)}`;

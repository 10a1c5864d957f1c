import { InvalidArgumentError } from 'commander';

/** Where a program is to listen; port 0 takes any that is free. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8080` or `[::1]:8080`. */
export function listenAddress(text: string): ListenAddress {
  const [, v6, name, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = v6 ?? name;
  if (host && Number(port) <= 65535) return { host, port: Number(port) };
  throw new InvalidArgumentError('Write it like 127.0.0.1:8080 or [::1]:8080.');
}

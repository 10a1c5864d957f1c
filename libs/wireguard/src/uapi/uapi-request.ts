import { fromHex, NetfoldError } from '#kernel';
import { type Prefix, tryParsePrefix } from '#net';

/** A `set` operation, read but not applied. */
export interface UapiSet {
  privateKey?: Uint8Array;
  listenPort?: number;
  firewallMark?: number;
  replacePeers?: boolean;
  readonly peers: UapiPeer[];
}

export interface UapiPeer {
  readonly publicKey: Uint8Array;
  remove?: boolean;
  updateOnly?: boolean;
  presharedKey?: Uint8Array;
  endpoint?: string;
  persistentKeepalive?: number;
  replaceAllowedIps?: boolean;
  readonly addAllowedIps: Prefix[];
  readonly removeAllowedIps: Prefix[];
}

type Setting<T> = (target: T, value: string) => void;

const DEVICE: Record<string, Setting<UapiSet>> = {
  private_key: (set, value) => {
    set.privateKey = key(value);
  },
  listen_port: (set, value) => {
    set.listenPort = integer(value, 0xffff);
  },
  fwmark: (set, value) => {
    set.firewallMark = integer(value, 0xffff_ffff);
  },
  replace_peers: (set, value) => {
    set.replacePeers = yes(value);
  },
};

const PEER: Record<string, Setting<UapiPeer>> = {
  remove: (peer, value) => {
    peer.remove = yes(value);
  },
  update_only: (peer, value) => {
    peer.updateOnly = yes(value);
  },
  preshared_key: (peer, value) => {
    peer.presharedKey = key(value);
  },
  endpoint: (peer, value) => {
    peer.endpoint = value;
  },
  persistent_keepalive_interval: (peer, value) => {
    peer.persistentKeepalive = integer(value, 0xffff);
  },
  replace_allowed_ips: (peer, value) => {
    peer.replaceAllowedIps = yes(value);
  },
  allowed_ip: (peer, value) => {
    if (value.startsWith('-')) peer.removeAllowedIps.push(prefix(value.slice(1)));
    else peer.addAllowedIps.push(prefix(value.startsWith('+') ? value.slice(1) : value));
  },
  protocol_version: (_peer, value) => {
    if (value !== '1') throw new Error('only protocol version 1 is spoken');
  },
};

/**
 * Reads the lines of a `set` operation that follow `set=1` (the cross-platform userspace API of WireGuard).
 *
 * @throws NetfoldError `wireguard.uapi`, which names the line by its number but never repeats it: it may be a key
 */
export function parseUapiSet(lines: readonly string[]): UapiSet {
  const set: UapiSet = { peers: [] };
  lines.forEach((line, index) => {
    try {
      readLine(set, line);
    } catch (error) {
      throw new NetfoldError(
        {
          code: 'wireguard.uapi',
          message: error instanceof Error ? error.message : 'bad line',
          where: `line ${index + 1}`,
        },
        { cause: error },
      );
    }
  });
  return set;
}

function readLine(set: UapiSet, line: string): void {
  const equals = line.indexOf('=');
  const name = line.slice(0, Math.max(0, equals));
  const value = line.slice(equals + 1);
  const peer = set.peers.at(-1);
  if (name === 'public_key') {
    set.peers.push({ publicKey: key(value), addAllowedIps: [], removeAllowedIps: [] });
  } else if (peer && Object.hasOwn(PEER, name)) {
    PEER[name]?.(peer, value);
  } else if (!peer && Object.hasOwn(DEVICE, name)) {
    DEVICE[name]?.(set, value);
  } else {
    throw new Error('not a setting that is known here');
  }
}

function key(value: string): Uint8Array {
  const bytes = fromHex(value);
  if (bytes?.length !== 32) throw new Error('a key is 64 hexadecimal digits');
  return bytes;
}

function integer(value: string, maximum: number): number {
  if (!/^[0-9]{1,10}$/.test(value) || Number(value) > maximum) throw new Error(`not a number from 0 to ${maximum}`);
  return Number(value);
}

function yes(value: string): boolean {
  if (value !== 'true') throw new Error('the only value is "true"');
  return true;
}

function prefix(value: string): Prefix {
  const parsed = tryParsePrefix(value);
  if (!parsed) throw new Error('not a CIDR prefix');
  return parsed;
}

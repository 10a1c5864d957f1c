/** What one end of a tunnel is configured with; keys are in base64. */
export interface EndSetup {
  readonly device: string;
  readonly mtu: number;
  readonly port: number;
  readonly address: string;
  readonly privateKey: string;
  readonly peers: readonly PeerSetup[];
  /** How many rules the filter has, when it is told to, besides those that let everything in. */
  readonly rules?: number;
  /** The keys that this end, or its first peer, goes on to, one after the other, as it is told to. */
  readonly rotation?: { readonly own: readonly string[] } | { readonly peer: readonly string[] };
}

export interface PeerSetup {
  readonly publicKey: string;
  readonly addresses: readonly string[];
  readonly endpoint?: { readonly address: string; readonly port: number };
}

/** What an end of netfold does when it gets one of these. */
export const SIGNAL = { toggleRules: 'SIGHUP', nextKey: 'SIGUSR2' } as const;

/** What an end of netfold prints. */
export const SAYS = { ready: 'ready', session: 'session' } as const;

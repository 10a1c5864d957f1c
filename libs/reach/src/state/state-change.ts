/** One thing that differs between two states of a tailnet, in words. */
export interface StateChange {
  readonly about: 'node' | 'route' | 'user' | 'group' | 'key' | 'token' | 'policy' | 'dns' | 'setting';
  /** What it is called: the later name where it has two. */
  readonly subject: string;
  /** What became of it: `joined as tag:web`, `is now an admin`. */
  readonly what: string;
}

export const listed = (names: Iterable<string>): string => [...names].join(', ') || 'none';

/** Milliseconds since the Unix epoch as a date and time in UTC. */
export const instant = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

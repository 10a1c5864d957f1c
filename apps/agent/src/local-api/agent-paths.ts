import { join } from 'node:path';

/** The parts of a process that decide where its files are. */
export interface PathContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** 0 is root. */
  readonly uid: number;
}

/** Where the system's own agent listens. */
export const SYSTEM_SOCKET = '/run/netfold/agent.sock';

/** The folder of an agent that was given none: /var/lib for root, else as the XDG Base Directory Specification says. */
export function agentStateDirectory({ env, home, uid }: PathContext): string {
  if (env.NETFOLD_STATE_DIR) return env.NETFOLD_STATE_DIR;
  return uid === 0 ? '/var/lib/netfold/agent' : join(env.XDG_STATE_HOME || join(home, '.local/state'), 'netfold/agent');
}

/** Where an agent listens that was told nothing else. */
export function agentSocket(context: PathContext): string {
  const { env, uid } = context;
  if (env.NETFOLD_SOCKET) return env.NETFOLD_SOCKET;
  if (uid === 0) return SYSTEM_SOCKET;
  return env.XDG_RUNTIME_DIR
    ? join(env.XDG_RUNTIME_DIR, 'netfold/agent.sock')
    : join(agentStateDirectory(context), 'run/agent.sock');
}

import type { TailnetState } from '#tailnet';

/**
 * A command as a person writes it, with names of nodes and logins of users where ids belong; what is no name stays as it
 * is, and the decision says what is wrong with it.
 */
export function resolveNames(state: TailnetState, command: unknown): unknown {
  if (!isObject(command) || !isObject(command.data)) return command;
  const { nodeId, userId, ...rest } = command.data;
  return {
    ...command,
    data: {
      ...rest,
      ...(nodeId !== undefined && { nodeId: idOf(nodeId, state.nodes, state.byName) }),
      ...(userId !== undefined && { userId: idOf(userId, state.users, state.userByLogin) }),
    },
  };
}

type Known = { has(id: string): boolean };
type Index = { get(name: string): string | undefined };

const idOf = (name: unknown, known: Known, index: Index): unknown =>
  typeof name !== 'string' || known.has(name) ? name : (index.get(name.toLowerCase()) ?? name);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

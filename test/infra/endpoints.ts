import { readFileSync } from 'node:fs';

const CONTROLLER = 'apps/control/src/http/server.controller.ts';

/** The paths that the server answers about itself without a token, as its controller declares them. */
export function serverPaths(): readonly string[] {
  const declared = readFileSync(CONTROLLER, 'utf8').matchAll(/@Get\(([^)]+)\)/g);
  return [...declared].flatMap(([, paths = '']) => [...paths.matchAll(/'([^']+)'/g)].map(([, path]) => `/${path}`));
}

/** Where a container of the image can be reached: what its server listens at in every deployment here. */
export const PORTS = { people: 8080, agents: 50443, metrics: 9464 } as const;

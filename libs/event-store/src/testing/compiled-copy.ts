import { globSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFileSync } from '@swc/core';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/**
 * Compiles this lib and what it builds on, as they are now, into a folder from which a child process can run
 * them. Not dist, which is stale when jest was started by itself, and not Node's type stripping, which knows
 * neither all of TypeScript nor imports that end in `.js`.
 */
export function compiledCopy(folder: string): void {
  const sources = globSync('libs/{kernel,merkle,event-store}/src/**/*.ts', { cwd: ROOT, exclude: ['**/*.spec.ts'] });
  for (const source of sources) {
    const target = join(folder, source.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, transformFileSync(join(ROOT, source), { cwd: ROOT, sourceMaps: false }).code);
  }
  const imports = { '#*': './libs/*/src/index.js' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports }));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

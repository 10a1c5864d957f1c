import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Packs the checkout, and installs it once, so that npm's cache has all that it is made of. Answers the tarball. */
export async function packTarball(folder: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]);
  const [{ filename }] = JSON.parse(stdout);
  const tarball = join(folder, filename);
  await run(resolve('infra/install.sh'), ['--tarball', tarball, '--prefix', join(folder, 'warm')], { cwd: folder });
  return tarball;
}

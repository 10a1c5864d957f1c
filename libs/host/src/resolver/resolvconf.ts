import { readFile } from 'node:fs/promises';
import type { RunCommand } from '../interface/run-command.js';
import { nameserversOf, resolvConf } from './resolv-conf.js';
import type { ResolverSettings, SystemResolver } from './system-resolver.js';

/** A host whose resolv.conf is put together by resolvconf(8), of Debian or openresolv, from what each interface has to say. */
export class Resolvconf implements SystemResolver {
  readonly kind = 'resolvconf';
  readonly #record: string;
  #before: readonly string[] = [];

  constructor(
    interfaceName: string,
    private readonly file: string,
    private readonly run: RunCommand,
  ) {
    this.#record = `${interfaceName}.netfold`;
  }

  async upstreams(): Promise<readonly string[]> {
    return this.#before.length > 0 ? this.#before : nameserversOf(await readFile(this.file, 'utf8'));
  }

  async apply(settings: ResolverSettings): Promise<void> {
    this.#before = (await this.upstreams()).filter((address) => address !== settings.nameserver);
    await this.run('resolvconf', ['-a', this.#record], resolvConf(settings, ''));
  }

  async restore(): Promise<void> {
    await this.run('resolvconf', ['-d', this.#record]);
    this.#before = [];
  }
}

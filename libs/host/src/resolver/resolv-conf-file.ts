import { unwatchFile, watchFile } from 'node:fs';
import { lstat, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { NetfoldError, problemOf, utf8 } from '#kernel';
import type { StateDirectory } from '../state/state-directory.js';
import { isOurs, nameserversOf, resolvConf } from './resolv-conf.js';
import type { ResolverSettings, SystemResolver } from './system-resolver.js';

const BACKUP = 'resolv.conf.before';

/** Milliseconds. A file that is a mount of its own, or comes and goes, gives no other sign. */
const WATCH_INTERVAL = 2_000;

/** What was there before us: a text, or a link to one. */
type Before = { readonly link: string; readonly text: string } | { readonly text: string };

/**
 * A host whose resolver is a file and nothing else. It cannot tell domains apart, so all names come to us. What was there
 * is kept on the disk, and comes back when we stop, or when we start again after a crash.
 */
export class ResolvConfFile implements SystemResolver {
  readonly kind = 'resolv.conf';

  constructor(
    private readonly file: string,
    private readonly state: StateDirectory,
  ) {}

  async upstreams(): Promise<readonly string[]> {
    const current = (await readText(this.file)) ?? '';
    return nameserversOf(isOurs(current) ? ((await this.#saved())?.text ?? '') : current);
  }

  /** @throws NetfoldError `host.resolver_unwritable` */
  async apply(settings: ResolverSettings): Promise<void> {
    const before = await this.#save();
    await this.#writing(() => replace(this.file, resolvConf(settings, before.text)));
  }

  watch(taken: () => void): () => void {
    const look = async () => {
      if (!isOurs((await readText(this.file)) ?? '')) taken();
    };
    const changed = () => void look().catch(() => {}); // it may be gone for a moment
    watchFile(this.file, { interval: WATCH_INTERVAL, persistent: false }, changed);
    return () => unwatchFile(this.file, changed);
  }

  /** What somebody else has written meanwhile stays. @throws NetfoldError `host.resolver_unwritable` */
  async restore(): Promise<void> {
    const before = await this.#saved();
    if (!before) return;
    const current = await readText(this.file);
    if (current === undefined || isOurs(current)) await this.#writing(() => putBack(this.file, before));
    await this.state.remove(BACKUP);
  }

  async #saved(): Promise<Before | undefined> {
    const bytes = await this.state.read(BACKUP);
    return bytes && (JSON.parse(Buffer.from(bytes).toString()) as Before);
  }

  /** Ours is never taken for what was there before us. */
  async #save(): Promise<Before> {
    const current = (await readText(this.file)) ?? '';
    const saved = await this.#saved();
    if (isOurs(current)) return saved ?? { text: '' };
    const isLink = (await lstat(this.file).catch(() => undefined))?.isSymbolicLink() === true;
    const before = { ...(isLink && { link: await readlink(this.file) }), text: current };
    await this.state.write(BACKUP, utf8(JSON.stringify(before)));
    return before;
  }

  async #writing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      throw new NetfoldError(
        {
          code: 'host.resolver_unwritable',
          message: `the host cannot be told whom to ask about names: ${problemOf(cause).message}`,
          where: this.file,
          hint: 'make the file writable, or start with --no-accept-dns and use the names with a resolver of your own',
        },
        { cause },
      );
    }
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all; in place where the file is a mount of its own, as in containers and network namespaces. */
async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.netfold`;
  try {
    await writeFile(draft, text, { mode: 0o644 });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    if (!['EBUSY', 'EXDEV', 'EROFS', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await writeFile(file, text);
  }
}

async function putBack(file: string, before: Before): Promise<void> {
  if (!('link' in before)) return replace(file, before.text);
  await rm(file, { force: true });
  await symlink(before.link, file);
}

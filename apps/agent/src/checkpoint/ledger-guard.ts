import type { Crypto } from '#crypto';
import type { StateDirectory } from '#host';
import { type Clock, NetfoldError, type Problem, problemOf } from '#kernel';
import { type Checkpoint, openCheckpoint, parseVerifierKey, TreeHasher, type VerifierKey } from '#merkle';
import type { CheckpointStep, Frame, LedgerHead } from '#wire';
import { JsonFile } from '../state/json-file.js';
import { ALARM_HINT, requireFollows } from './follows.js';
import { type LedgerAlarm, LedgerRecord, NO_RECORD } from './ledger-record.js';

const FILE = 'ledger.json';

/**
 * Keeps the control plane to one history: a netmap is taken only with a signed checkpoint of a ledger that contains it
 * and is proven to add to the last one. The key is pinned when the machine joins, or with the first checkpoint.
 */
export class LedgerGuard {
  readonly #hasher: TreeHasher;
  #record: LedgerRecord;
  #key: VerifierKey | undefined;
  #head: Checkpoint | undefined;
  #saving: Promise<void> | undefined;
  #problem: Problem | undefined;

  private constructor(
    private readonly file: JsonFile<LedgerRecord>,
    private readonly crypto: Crypto,
    private readonly clock: Clock,
  ) {
    this.#hasher = new TreeHasher((data) => crypto.sha256(data));
    this.#record = file.value;
    this.#key = file.value.key === null ? undefined : parseVerifierKey(crypto, file.value.key);
    if (this.#key && file.value.note !== null) this.#head = openCheckpoint(crypto, file.value.note, this.#key);
  }

  /** @throws NetfoldError `agent.state_corrupt` */
  static async open(directory: StateDirectory, crypto: Crypto, clock: Clock): Promise<LedgerGuard> {
    const file = await JsonFile.open(directory, FILE, LedgerRecord, NO_RECORD);
    try {
      return new LedgerGuard(file, crypto, clock);
    } catch (cause) {
      throw corrupt(`${directory.path}/${FILE}`, problemOf(cause).message, cause);
    }
  }

  get record(): LedgerRecord {
    return this.#record;
  }

  /** The newest ledger that was proven to this machine. */
  get head(): LedgerHead | undefined {
    return this.#head && { size: this.#head.size, root: this.#head.root };
  }

  get alarm(): LedgerAlarm | null {
    return this.#record.alarm;
  }

  /** Why the record would not survive a restart, if so. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /**
   * Whether a frame may be applied: undefined, or why not, which is then an alarm too. An alarm stays when later frames
   * are good again.
   */
  check({ checkpoint, revision }: Pick<Frame, 'checkpoint' | 'revision'>): Problem | undefined {
    try {
      if (checkpoint) this.#take(checkpoint, revision);
      else if (this.#key) throw unsigned();
      return undefined;
    } catch (error) {
      if (!(error instanceof NetfoldError)) throw error;
      const problem = problemOf(error);
      this.#raise(problem, checkpoint?.note ?? null);
      return problem;
    }
  }

  /** Resolves when the disk has what was checked last, or cannot take it. */
  async saved(): Promise<void> {
    await this.#saving;
  }

  /**
   * Pins the key that the ledger must be signed with. One that is pinned stays.
   * @param keys what the person and the server say, as far as they say anything
   * @throws NetfoldError `agent.other_ledger_key` when they do not agree, `note.bad_key`
   */
  async pin(...keys: readonly (string | undefined)[]): Promise<void> {
    const pinned = this.#record.key;
    const [key, ...others] = [pinned ?? undefined, ...keys].filter((one) => one !== undefined);
    if (key === undefined) return;
    const other = others.find((one) => one !== key);
    if (other !== undefined) throw otherKey(key, other);
    if (key !== pinned) await this.#restart(key);
  }

  /**
   * Takes whatever ledger the server shows next for the right one, and ends the alarm. When the server shows the one
   * again that was proven before, that stays.
   * @param key pins this key in place of the one before
   * @throws NetfoldError `agent.no_ledger_alarm`, `agent.ledger_key_needed`, `note.bad_key`
   */
  async accept(key: string | undefined): Promise<void> {
    const { alarm } = this.#record;
    if (!alarm && key === undefined) throw noAlarm();
    if (alarm?.code === 'agent.ledger_key' && alarm.over === undefined && key === undefined) throw keyNeeded();
    if (key !== undefined) parseVerifierKey(this.crypto, key);
    else if (alarm?.over !== undefined) return this.#acknowledge();
    await this.#restart(key ?? this.#record.key);
  }

  /** Forgets everything: the machine leaves its tailnet. */
  forget(): Promise<void> {
    return this.#restart(null);
  }

  #take(step: CheckpointStep, revision: number): void {
    const key = this.#key ?? parseVerifierKey(this.crypto, step.key ?? '');
    const next = this.#open(step.note, key);
    if (this.#head) requireFollows(this.#hasher, this.#head, next, step);
    if (next.size <= revision) throw notCovered(revision, next);
    const { note, alarm: raised } = this.#record;
    const alarm = raised && { ...raised, over: raised.over ?? this.clock.now() };
    if (this.#key && note === step.note && raised?.over === alarm?.over) return;
    this.#key = key;
    this.#head = next;
    this.#change({ key: this.#record.key ?? step.key ?? null, note: step.note, alarm });
  }

  #open(note: string, key: VerifierKey): Checkpoint {
    try {
      return openCheckpoint(this.crypto, note, key);
    } catch (cause) {
      throw wrongKey(problemOf(cause).message, cause);
    }
  }

  #raise({ code, message, hint = ALARM_HINT }: Problem, note: string | null): void {
    const { alarm } = this.#record;
    if (alarm && alarm.over === undefined) return;
    const { over: _, ...first } = alarm ?? { code, message, hint, since: this.clock.now(), note };
    this.#change({ ...this.#record, alarm: first });
  }

  async #acknowledge(): Promise<void> {
    this.#change({ ...this.#record, alarm: null });
    await this.#saving;
  }

  async #restart(key: string | null): Promise<void> {
    this.#key = key === null ? undefined : parseVerifierKey(this.crypto, key);
    this.#head = undefined;
    this.#change({ ...NO_RECORD, key });
    await this.#saving;
  }

  #change(record: LedgerRecord): void {
    this.#record = record;
    this.#saving ??= this.#save();
  }

  /** Of records that come faster than the disk takes them, only the newest is written. */
  async #save(): Promise<void> {
    await Promise.resolve();
    while (this.file.value !== this.#record && !(await this.#written(this.#record)));
    this.#saving = undefined;
  }

  /** Whether there is no point in going on. */
  async #written(record: LedgerRecord): Promise<boolean> {
    this.#problem = await this.file.save(record).then(() => undefined, problemOf);
    return this.#problem !== undefined;
  }
}

const alarm = (what: string, message: string, cause?: unknown): NetfoldError =>
  new NetfoldError({ code: `agent.ledger_${what}`, message, hint: ALARM_HINT }, { cause });

const unsigned = (): NetfoldError => alarm('unsigned', 'the control plane does not sign its ledger any more');

const wrongKey = (why: string, cause: unknown): NetfoldError =>
  alarm('key', `the ledger is not signed with the key that this machine knows: ${why}`, cause);

const notCovered = (revision: number, { size }: Checkpoint): NetfoldError =>
  alarm('not_covered', `the netmap of revision ${revision} is not part of the signed ledger of ${size} events`);

const corrupt = (where: string, why: string, cause: unknown): NetfoldError =>
  new NetfoldError(
    {
      code: 'agent.state_corrupt',
      message: `what this machine knows of the ledger is damaged: ${why}`,
      where,
      hint: 'restore the file from a backup; without it this machine trusts the next ledger that it is shown',
    },
    { cause },
  );

const otherKey = (key: string, other: string): NetfoldError =>
  new NetfoldError({
    code: 'agent.other_ledger_key',
    message: `the ledger must be signed with ${key}, not with ${other}`,
    where: '--ledger-key',
    hint: 'ask an admin for the right one: netfold checkpoint --key\nto replace the one that is pinned: netfold ledger accept --key KEY',
  });

const noAlarm = (): NetfoldError =>
  new NetfoldError({
    code: 'agent.no_ledger_alarm',
    message: 'there is nothing to accept: the ledger is as it was',
    hint: 'see: netfold ledger show',
  });

const keyNeeded = (): NetfoldError =>
  new NetfoldError({
    code: 'agent.ledger_key_needed',
    message: 'the server signs with another key, which must be named',
    where: '--key',
    hint: 'ask an admin for it: netfold checkpoint --key',
  });

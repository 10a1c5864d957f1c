import { type JsonObject, NetfoldError } from '#kernel';
import { EVENT_VERSIONS, type EventVersions, levelOf, levelOfType, stepsOf } from './event-versions.js';
import type { RawEvent } from './events.js';
import { isKnownType, upcastWith } from './upcast.js';

/**
 * Between the events of a ledger, which releases of many ages have written and will read, and those of this program, of
 * which each type has one version. What a ledger may hold is said by its floor: the highest level that each release which
 * is at work on it reads, see `ReleaseFloorRaised`.
 */
export class EventCodec {
  /** Up to which level this release reads. */
  readonly level: number;

  constructor(private readonly versions: EventVersions = EVENT_VERSIONS) {
    this.level = levelOf(versions);
  }

  /**
   * The event in its present version.
   * @throws NetfoldError `event.unknown_type`, `event.newer_version` or `event.newer_release` when a newer release wrote
   * it, `event.malformed` when nobody can have
   */
  read<E extends RawEvent>(raw: E): E {
    const event = upcastWith(this.versions, raw);
    if (!event) throw this.#notUnderstood(raw);
    if (event.type === 'ReleaseFloorRaised' && event.data.level > this.level) throw newerRelease(event.data);
    return event === (raw as RawEvent) ? raw : { ...raw, ...event };
  }

  /**
   * The event as the ledger may hold it.
   * @param floor of the ledger
   * @throws NetfoldError `conflict.upgrade_unfinished` when a ledger with this floor has no words for it
   */
  write(
    { type, data }: Pick<RawEvent, 'type' | 'data'>,
    floor: number,
  ): Pick<RawEvent, 'version'> & { readonly data: JsonObject } {
    if (levelOfType(this.versions, type) > floor) throw unfinished(type);
    const steps = stepsOf(this.versions, type);
    let older: JsonObject | undefined = data as JsonObject;
    let version = steps.length + 1;
    for (const step of steps.toReversed()) {
      if (step.level <= floor) break;
      older = older && step.down(older);
      version -= 1;
    }
    if (!older) throw unfinished(type);
    return { version, data: older };
  }

  #notUnderstood({ type, version }: RawEvent): NetfoldError {
    if (!isKnownType(type)) return notUnderstood('unknown_type', `this release knows no event ${type}`);
    const newest = stepsOf(this.versions, type).length + 1;
    if (version > newest) {
      return notUnderstood('newer_version', `${type} is of version ${version}; this release reads up to ${newest}`);
    }
    return new NetfoldError({
      code: 'event.malformed',
      message: `the data of ${type} is not what version ${version} of it says`,
      hint: 'keep a copy of the ledger as it is, and report it with the event (netfold export)',
    });
  }
}

const notUnderstood = (what: string, message: string): NetfoldError =>
  new NetfoldError({ code: `event.${what}`, message, hint: 'start the newer release of netfold that wrote it' });

const newerRelease = ({ level, release }: { readonly level: number; readonly release: string }): NetfoldError =>
  new NetfoldError({
    code: 'event.newer_release',
    message: `the ledger is kept as netfold ${release} keeps it (level ${level}), which this release does not read`,
    hint: `start netfold ${release}, or a newer one`,
  });

const unfinished = (type: string): NetfoldError =>
  new NetfoldError({
    code: 'conflict.upgrade_unfinished',
    message: `this makes an event (${type}) that not all servers of this ledger can read yet`,
    hint: 'upgrade or stop the servers of older releases, and try again',
  });

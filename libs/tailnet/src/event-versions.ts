import type { JsonObject } from '#kernel';

/** How the data of an event becomes that of its next version, and what older releases are told instead. */
export interface VersionStep {
  /** The release level from which on a ledger may hold the newer version. */
  readonly level: number;
  /** The newer version of the data. Must not throw, whatever it is given. */
  up(data: unknown): unknown;
  /** The older version of what was decided; undefined when it has no words for it. */
  down(data: JsonObject): JsonObject | undefined;
}

/**
 * What the events of a ledger may look like. A release level counts the changes of that which older releases cannot read:
 * a new type, or a new version of one. What they may overlook, such as a further member, is no new version.
 */
export interface EventVersions {
  /** Type → its steps; the first one leads to version 2. Each has its level, and none is below the one before it. */
  readonly steps: Readonly<Record<string, readonly VersionStep[]>>;
  /** Type → the level from which on a ledger may hold it, for those that are not as old as the oldest release. */
  readonly since: Readonly<Record<string, number>>;
}

/** Those of this release. Golden files hold its data to be read by all later ones, see `golden/`. */
export const EVENT_VERSIONS: EventVersions = { steps: {}, since: {} };

/** The level that every ledger begins with. */
export const FIRST_LEVEL = 1;

/** The level of a release that reads and writes these: the highest that any of them asks for. */
export const levelOf = ({ steps, since }: EventVersions): number =>
  Math.max(
    FIRST_LEVEL,
    ...Object.values(since),
    ...Object.values(steps).flatMap((all) => all.map(({ level }) => level)),
  );

export const stepsOf = ({ steps }: EventVersions, type: string): readonly VersionStep[] =>
  Object.hasOwn(steps, type) ? (steps[type] ?? []) : [];

/** From which level on a ledger may hold events of this type. */
export const levelOfType = ({ since }: EventVersions, type: string): number =>
  Object.hasOwn(since, type) ? (since[type] ?? FIRST_LEVEL) : FIRST_LEVEL;

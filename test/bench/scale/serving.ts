import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Admin } from '../control/admin.js';
import { Fleet } from '../control/fleet.js';
import { MeasuredServer } from './measured-server.js';

const TEAM = 10;
const RENAMES = 20;
const IDLE_MS = 20_000;

/** What connected agents of one tailnet cost the replica that serves them. Processor time is in microseconds. */
export interface Serving {
  readonly agents: number;
  /** How many others each of them sees. */
  readonly visible: number;
  /** Per agent: to register it, and to bring it and those that see it up to date. */
  readonly joinCpu: number;
  readonly joinBytes: number;
  /** Per agent that comes back to a replica that has just started. */
  readonly resumeCpu: number;
  readonly resumeBytes: number;
  /** Bytes that a stream adds to a replica that has just started. */
  readonly streamLive: number;
  readonly streamRss: number;
  /** Per command that one agent's change is, and per frame that it causes, in a tailnet where all of them are told. */
  readonly renameCpu: number;
  readonly renameBytes: number;
  readonly renameFrames: number;
  /** Per stream and second in which nothing happens. */
  readonly idleCpu: number;
}

/** @param team how many see each other: a team, or everybody */
export async function serve(agents: number, everybody: boolean): Promise<Serving> {
  const folder = mkdtempSync(join(tmpdir(), 'netfold-scale-'));
  const fleet = new Fleet(agents);
  let server = await MeasuredServer.start(folder);
  const cpuOf = async <T>(play: () => Promise<T>): Promise<[cpu: number, T]> => {
    const before = await server.cpu();
    const value = await play();
    return [(await server.cpu()) - before, value];
  };
  try {
    let admin = new Admin(server.ready.httpUrl, server.ready.token ?? '');
    const teams = Array.from({ length: Math.ceil(agents / TEAM) }, (_, i) => `tag:team-${i}`);
    const acls = everybody
      ? [{ action: 'accept', src: ['*'], dst: ['*:*'] }]
      : teams.map((tag) => ({ action: 'accept', src: [tag], dst: [`${tag}:*`] }));
    await admin.publish({ tagOwners: Object.fromEntries(teams.map((tag) => [tag, ['autogroup:admin']])), acls });
    const keys = await Promise.all(teams.map((tag) => admin.authKey([tag])));

    let target = Number.POSITIVE_INFINITY;
    const caughtUp = ({ held }: { held: { revision: number } }) => held.revision >= target;
    const [joinCpu, join] = await cpuOf(() =>
      fleet.until(async () => {
        await fleet.join(server.ready.grpcAddress, (i) => keys[Math.floor(i / TEAM)] as string);
        target = everybody ? await admin.revision() : 0;
      }, caughtUp),
    );

    await server.kill();
    fleet.hangUp();
    const { token = '' } = server.ready;
    server = await MeasuredServer.start(folder);
    admin = new Admin(server.ready.httpUrl, token);
    const alone = await server.held();
    const [resumeCpu, resume] = await cpuOf(() =>
      fleet.until(
        async () => fleet.resume(server.ready.grpcAddress),
        (agent) => agent.current,
      ),
    );
    const served = await server.held();
    const [idleCpu] = await cpuOf(() => pause(IDLE_MS));

    const middle = agents >> 1;
    const concerned = everybody
      ? fleet.agents
      : fleet.agents.slice(middle - (middle % TEAM), middle - (middle % TEAM) + TEAM);
    let [renameBytes, renameFrames] = [0, 0];
    const [renameCpu] = await cpuOf(async () => {
      for (let i = 0; i < RENAMES; i++) {
        target = Number.POSITIVE_INFINITY;
        const order = async () => {
          target = await admin.rename(fleet.agents[middle]?.nodeId ?? '', `renamed-${i}`);
        };
        const { bytes, frames } = await fleet.until(order, caughtUp, concerned);
        [renameBytes, renameFrames] = [renameBytes + bytes, renameFrames + frames];
      }
    });
    return {
      agents,
      visible: (everybody ? agents : TEAM) - 1,
      joinCpu: joinCpu / agents,
      joinBytes: join.bytes / agents,
      resumeCpu: resumeCpu / agents,
      resumeBytes: resume.bytes / agents,
      streamLive: (served.live - alone.live) / agents,
      streamRss: (served.rss - alone.rss) / agents,
      renameCpu: renameCpu / RENAMES,
      renameBytes: renameBytes / RENAMES,
      renameFrames: renameFrames / RENAMES,
      idleCpu: idleCpu / agents / (IDLE_MS / 1_000),
    };
  } finally {
    fleet.hangUp();
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

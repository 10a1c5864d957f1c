import { type Bed, outerAddress, STRANGER } from '../bed.js';
import type { Contender } from '../contender.js';
import { newCrowd } from '../load/crowd.js';
import { CrowdedEnd, type Way } from '../load/crowded-end.js';
import { type Scenario, tunnels } from '../scenario.js';

const PEERS = 500;
const TURNS = 10;

const crowd = newCrowd(PEERS);
const flows = crowd.map(({ inner }) => inner);

export const peers: Scenario = {
  name: 'peers',
  summary: `what it costs that ${PEERS} flows come from as many peers, or go to as many, and not one`,
  fits: tunnels,
  measure: async (bed, contender) => {
    const [one, many] = await openEnds(bed, contender);
    try {
      return {
        peersCost: await costOf(one, many, 'rx'),
        peersSendCost: await costOf(one, many, 'tx'),
        peersMemory: many.memory,
      };
    } finally {
      await Promise.all([one.close(), many.close()]);
    }
  },
};

/** Two ends with the same flows: of one peer, and of as many as there are. */
async function openEnds(bed: Bed, contender: Contender): Promise<[CrowdedEnd, CrowdedEnd]> {
  const places = [
    { host: bed.to, address: outerAddress(1), members: crowd.slice(0, 1) },
    { host: bed.stranger, address: STRANGER, members: crowd },
  ];
  const ends: CrowdedEnd[] = [];
  try {
    for (const { members, ...place } of places) {
      const end = await CrowdedEnd.open(bed, contender, place, { members, flows, turns: TURNS });
      ends.push(end);
      await end.ready();
    }
  } catch (error) {
    await Promise.all(ends.map((end) => end.close()));
    throw error;
  }
  return ends as [CrowdedEnd, CrowdedEnd];
}

/** How much more processor time a byte takes of the second end, percent. They have short turns, as the machine has moods. */
async function costOf(one: CrowdedEnd, many: CrowdedEnd, way: Way): Promise<number> {
  const ends = [one, many];
  const before = ends.map((end) => end.tally(way));
  for (let turn = 1; turn <= TURNS; turn++) {
    for (const end of turn % 2 ? ends : ends.toReversed()) await end.turn(way, turn);
  }
  const [alone, crowded] = ends.map((end, index) => {
    const [{ cpu, bytes }, first] = [end.tally(way), before[index] ?? { cpu: 0, bytes: 0 }];
    return (cpu - first.cpu) / (bytes - first.bytes);
  });
  return 100 * ((crowded ?? Number.NaN) / (alone ?? Number.NaN) - 1);
}

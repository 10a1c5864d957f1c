import { toBase64 } from '#kernel';
import { newKeyPair } from '../bed.js';
import { SAYS, SIGNAL } from '../end-setup.js';
import { Iperf } from '../iperf.js';
import { type Extra, overLink } from '../link.js';
import { netfoldOnly, type Scenario } from '../scenario.js';
import { costOf } from './alternation.js';

const PERIOD = 1000;
/** More than the longest measurement uses up. */
const KEYS = 600;

export const rekey: Scenario = {
  name: 'rekey',
  summary: 'what it costs that one end takes a new static key, with a new handshake, every second',
  fits: netfoldOnly,
  measure: (bed, contender) => {
    const keys = Array.from({ length: KEYS }, newKeyPair);
    const rotations: readonly [Extra, Extra] = [
      { rotation: { own: keys.map(({ privateKey }) => toBase64(privateKey)) } },
      { rotation: { peer: keys.map(({ publicKey }) => toBase64(publicKey)) } },
    ];
    let timer: NodeJS.Timeout | undefined;
    const measured = overLink(
      bed,
      contender,
      (link) =>
        Iperf.over(bed, link, async (iperf) => {
          let rotated = 0;
          const sessions = () => link.ends[1]?.output().split(SAYS.session).length ?? 0;
          const before = sessions();
          const on = () => {
            timer = setInterval(() => {
              rotated++;
              for (const end of link.ends) end.process.kill(SIGNAL.nextKey);
            }, PERIOD);
          };
          const { throughput, cpu } = await costOf(iperf, { on, off: () => clearInterval(timer) });
          const made = sessions() - before;
          if (made < rotated / 2) throw new Error(`${rotated} new keys led to ${made} sessions only`);
          return { rekeyCost: throughput, rekeyCpu: cpu };
        }),
      rotations,
    );
    return measured.finally(() => clearInterval(timer));
  },
};

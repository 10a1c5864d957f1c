import { SIGNAL } from '../end-setup.js';
import { Iperf } from '../iperf.js';
import { overLink } from '../link.js';
import { netfoldOnly, type Scenario } from '../scenario.js';
import { costOf } from './alternation.js';

const RULES = 1_000;

export const filter: Scenario = {
  name: 'filter',
  summary: `what ${RULES.toLocaleString('en')} rules in both filters cost`,
  fits: netfoldOnly,
  measure: (bed, contender) =>
    overLink(
      bed,
      contender,
      (link) =>
        Iperf.over(bed, link, async (iperf) => {
          const toggle = () => {
            for (const end of link.ends) end.process.kill(SIGNAL.toggleRules);
          };
          const { throughput, cpu } = await costOf(iperf, { on: toggle, off: toggle });
          return { filterCost: throughput, filterCpu: cpu };
        }),
      [{ rules: RULES }, { rules: RULES }],
    ),
};

import { Iperf } from '../iperf.js';
import { overLink } from '../link.js';
import { everyone, type Scenario } from '../scenario.js';
import { residentMiB } from '../usage.js';

export const tcp: Scenario = {
  name: 'tcp',
  summary: 'TCP with 1 and 4 streams, what it costs, and memory',
  fits: everyone,
  measure: (bed, contender) =>
    overLink(bed, contender, (link) =>
      Iperf.over(bed, link, async (iperf) => {
        const one = await iperf.tcp(1);
        const four = await iperf.tcp(4);
        const figures = { tcp1: one.mbps, tcp4: four.mbps };
        if (link.ends.length === 0) return figures;
        return { ...figures, cpuPerGbit: one.cpuPerGbit, memory: residentMiB(link.ends) };
      }),
    ),
};

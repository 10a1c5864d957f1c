import { Iperf } from '../iperf.js';
import { overLink } from '../link.js';
import { everyone, type Scenario } from '../scenario.js';

export const udp: Scenario = {
  name: 'udp',
  summary: 'datagrams of 64 and 1,200 bytes that arrive',
  fits: everyone,
  measure: (bed, contender) =>
    overLink(bed, contender, (link) =>
      Iperf.over(bed, link, async (iperf) => ({ udp64: await iperf.udp(64), udp1200: await iperf.udp(1200) })),
    ),
};

// `npm run bench:scale [-- --quick]`: what nodes, tailnets, streams and frames cost a replica, as
// processor time and memory, from which SCALE.md works out the rest. It prints JSON, one line per measurement.
import { hear } from './neighbours.js';
import { rest, restAfter } from './resting.js';
import { serve } from './serving.js';

const part = process.argv.includes('--quick') ? 10 : 1;
const print = (kind: string, measured: object) =>
  console.log(
    JSON.stringify({ kind, ...measured }, (_, value) => (typeof value === 'number' ? Math.round(value) : value)),
  );

for (const [tailnets, nodes] of [
  [1, 10],
  [5_000, 10],
  [500, 100],
  [1, 20_000],
] as const) {
  print('resting', await rest(Math.ceil(tailnets / part), Math.ceil(nodes / (tailnets === 1 ? part : 1))));
}
for (const events of [50_000, 200_000]) print('busy', await restAfter(events / part));
print('neighbours', hear(200_000 / part));
for (const agents of [500, 2_000]) print('teams', await serve(agents / part, false));
for (const agents of [250, 1_000]) print('everybody', await serve(agents / part, true));
process.exit(0);

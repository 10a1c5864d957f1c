// npm run bench:reach [-- --json]: what it costs to tell the flows that two revisions of 10,000 nodes do not have in common.
import { compilePolicy, parsePolicy } from '#policy';
import { impactOf } from '#reach';
import { directoryOf, evolve, initialState, subjectOf } from '#tailnet';
import { changedPolicy, joinsOf, otherPolicy, peopleOf, policyText, SIZES } from './tailnet.mjs';

const MIN_ROUNDS = 3;
const MAX_ROUNDS = 15;
const SPENT_MS = 8_000;

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Some work and its floor in turns, so that other work on the machine is in both: the medians of both and of their ratio. */
function measure(work, floorOfWork) {
  const rounds = [];
  for (let spent = 0; rounds.length < MIN_ROUNDS || (spent < SPENT_MS && rounds.length < MAX_ROUNDS); ) {
    const [ms, least] = [timed(work), timed(floorOfWork)];
    rounds.push({ ms, least, ratio: ms / least });
    spent += ms + least;
  }
  const of = (name) => median(rounds.map((round) => round[name]));
  return { ms: of('ms'), floor: of('least'), ratio: of('ratio') };
}

const fold = (state, events) =>
  events.reduce((at, [type, data]) => {
    const meta = { revision: at.revision + 1, recordedAt: 0, commandId: `c${at.revision + 1}` };
    return evolve(at, { type, version: 1, data }, meta);
  }, state);

const publish = (state, text) => fold(state, [['AclPublished', { text }]]);
const base = publish(fold(initialState, [...peopleOf(), ...joinsOf(0, SIZES.nodes)]), policyText());
const [someone] = base.nodes.keys();

const afters = {
  'nothing differs': base,
  'a machine gets another tag': fold(base, [['NodeTagged', { nodeId: someone, tags: ['tag:t7'] }]]),
  'a person leaves a group': publish(base, changedPolicy.withoutMember()),
  'a rule opens another port': publish(base, changedPolicy.withOtherPort()),
  'a rule for everybody is added': publish(base, changedPolicy.withRuleForAll()),
  '1,000 machines join': fold(base, joinsOf(SIZES.nodes, SIZES.nodes + 1_000)),
  'every rule is another': publish(base, otherPolicy()),
};

/** Whatever tells the difference must at least have both policies compiled, and every node labelled in both. */
function floor(after) {
  for (const state of [base, after]) {
    const compiled = compilePolicy(parsePolicy(state.policy.text).policy);
    const directory = directoryOf(state);
    for (const node of state.nodes.values()) compiled.labelsOf(subjectOf(state, node), directory);
  }
}

const figures = Object.entries(afters).map(([what, after]) => {
  const { lost, gained } = impactOf(base, after);
  const pairs = [...lost, ...gained].reduce((sum, flow) => sum + flow.pairs, 0);
  const times = measure(
    () => impactOf(base, after),
    () => floor(after),
  );
  return { what, ...times, groups: lost.length + gained.length, pairs };
});

if (process.argv.includes('--json')) console.log(JSON.stringify({ sizes: SIZES, figures }));
else {
  console.log(
    Object.entries(SIZES)
      .map(([name, count]) => `${count} ${name}`)
      .join(', '),
  );
  for (const { what, ms, ratio, groups, pairs } of figures) {
    console.log(
      `${what.padEnd(32)} ${ms.toFixed(0).padStart(6)} ms ${ratio.toFixed(1).padStart(5)}x the floor ${String(groups).padStart(6)} lines for ${pairs} pairs`,
    );
  }
}

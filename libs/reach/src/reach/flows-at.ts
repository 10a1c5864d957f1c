import { initialState, type TailnetState } from '#tailnet';
import { compareFlows, type FlowComparison } from '../flows/compare-flows.js';
import { Moment } from '../flows/moment.js';
import { prune } from '../flows/prune.js';
import { restrict, type Selection, select, touches } from './selection.js';

/** All flows of a state from what one name stands for, to what another does; undefined: from or to anything. */
export function flowsAt(state: TailnetState, src: string | undefined, dst: string | undefined): FlowComparison {
  const moment = Moment.of(state);
  const [from, to] = [src, dst].map((name) => (name === undefined ? undefined : select(moment, name)));
  const isIn = (selection: Selection | undefined) => (end: Parameters<typeof touches>[1]) =>
    selection === undefined || touches(selection, end);
  // What there is, is what there is beyond nothing.
  const { flows, ...rest } = compareFlows(initialState, state, { from: isIn(from), to: isIn(to) });
  const part = flows
    .flatMap((one) => (from ? restrict(one, 'from', from) : [one]))
    .flatMap((one) => (to ? restrict(one, 'to', to) : [one]))
    .flatMap((one) => prune(one, rest.moments));
  return { flows: part, ...rest };
}

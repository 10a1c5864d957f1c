import type { Flow } from './flow.js';

/** Flows from the one that was idle for longest to the one that was used last, as a linked list. */
export class FlowOrder {
  oldest: Flow | undefined;
  newest: Flow | undefined;
  size = 0;

  append(flow: Flow): void {
    flow.older = this.newest;
    flow.newer = undefined;
    if (this.newest) this.newest.newer = flow;
    else this.oldest = flow;
    this.newest = flow;
    this.size++;
  }

  remove(flow: Flow): void {
    if (flow.older) flow.older.newer = flow.newer;
    else this.oldest = flow.newer;
    if (flow.newer) flow.newer.older = flow.older;
    else this.newest = flow.older;
    flow.older = undefined;
    flow.newer = undefined;
    this.size--;
  }

  moveToEnd(flow: Flow): void {
    if (flow === this.newest) return;
    this.remove(flow);
    this.append(flow);
  }
}

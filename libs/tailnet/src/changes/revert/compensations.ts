import type { EventData, EventType } from '../../events.js';
import type { Compensation, Compensations } from './compensation.js';
import { nodeCompensations } from './node-compensations.js';
import { tailnetCompensations } from './tailnet-compensations.js';
import { userCompensations } from './user-compensations.js';

/** Every type of event says how it is taken back, or why it cannot be. */
export const COMPENSATIONS: Compensations<EventData> = {
  ...tailnetCompensations,
  ...userCompensations,
  ...nodeCompensations,
};

export const compensationOf = <T extends EventType>(type: T, data: EventData[T]): Compensation =>
  COMPENSATIONS[type](data);

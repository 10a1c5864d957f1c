import { oneOf, optional, type Shape, shaped, text } from '../shape.js';

/** Who took part in a change: it stands in its events, for the fold does not see who caused an event. */
export interface Party {
  readonly kind: 'user' | 'token' | 'node' | 'system';
  readonly id: string;
  /** The id of the user who acted, or in whose name a token did. */
  readonly person?: string;
}

const shape: Shape<Party> = { kind: oneOf('user', 'token', 'node', 'system'), id: text, person: optional(text) };

export const party = shaped(shape);

import { styleText } from 'node:util';
import type { Io } from './io.js';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export type Painter = (style: Style, text: string) => string;

/** Colours for people: only on a terminal, never when NO_COLOR is set (no-color.org) or TERM is dumb. */
export function painter(io: Io, stream: 'stdout' | 'stderr' = 'stdout'): Painter {
  const wanted = io[stream].isTTY === true && !io.env.NO_COLOR && io.env.TERM !== 'dumb';
  return wanted ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

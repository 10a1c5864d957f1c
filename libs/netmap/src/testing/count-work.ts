import { Map as PersistentMap, Set as PersistentSet } from 'immutable';

type Method = (this: unknown, ...parameters: unknown[]) => unknown;

const TOUCHES = ['get', 'has', 'set', 'add', 'remove', 'update'];
// What every kind of iteration over them comes down to.
const ITERATOR = '__iterator';

/**
 * How many entries of persistent maps and sets an action looks at, changes or iterates over: its cost, without a clock.
 * All indexes of a network are such maps and sets.
 */
export function countWork(action: () => void): number {
  let work = 0;
  const undo: (() => void)[] = [];
  const wrap = (prototype: object, name: string, wrapped: (original: Method) => Method) => {
    const original = Reflect.get(prototype, name) as Method | undefined;
    if (!original) return;
    Reflect.set(prototype, name, wrapped(original));
    undo.push(() => Reflect.set(prototype, name, original));
  };
  for (const prototype of [PersistentMap.prototype, PersistentSet.prototype]) {
    for (const name of TOUCHES) {
      wrap(prototype, name, (original) => {
        return function (...parameters) {
          work += 1;
          return Reflect.apply(original, this, parameters);
        };
      });
    }
    wrap(prototype, ITERATOR, (original) => {
      return function (...parameters) {
        const iterator = Reflect.apply(original, this, parameters) as Iterator<unknown>;
        const next = iterator.next.bind(iterator);
        iterator.next = () => {
          work += 1;
          return next();
        };
        return iterator;
      };
    });
  }
  try {
    action();
  } finally {
    for (const restore of undo) restore();
  }
  return work;
}

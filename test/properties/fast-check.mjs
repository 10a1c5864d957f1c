// Stands for fast-check in every tier: PROPERTY_FACTOR says how many times as often as it asks for a property is tried.
// The fast suite tries a part, the slow one all; each tries the same in each run (PROPERTY_SEED), so that a failure says something
// of the change at hand. A hunt for rare ones tries something else each time, as often as one has time for:
//   PROPERTY_FACTOR=50 npm test -- libs/psk
import fc from '../../node_modules/fast-check/lib/fast-check.js';

const factor = Number(process.env.PROPERTY_FACTOR);
const seed = process.env.PROPERTY_SEED;
const ordinary = 100; // of fast-check

/** As fc.assert. */
const assert = (property, { numRuns = ordinary, ...parameters } = {}) =>
  fc.assert(property, {
    ...(seed && { seed: Number(seed) }),
    ...parameters,
    numRuns: Math.ceil(numRuns * factor),
  });

export default Object.create(fc, { assert: { value: assert } });

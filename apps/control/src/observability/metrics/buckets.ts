/** In seconds, for what takes between half a millisecond and half a minute: three for each power of ten. */
export const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** In seconds, for what takes microseconds. */
export const SHORT_SECONDS = [0.000_02, 0.000_05, 0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1];

/** Of things that are done together. */
export const COUNTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

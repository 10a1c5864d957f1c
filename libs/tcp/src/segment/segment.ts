/** A part of the stream that the receiver has beyond what it acknowledged: sequence numbers from, up to and without. */
export interface SackBlock {
  readonly from: number;
  readonly to: number;
}

/** RFC 7323, 3.2. */
export interface Timestamps {
  readonly value: number;
  readonly echo: number;
}

/** What the options say; undefined where the segment says nothing. */
export interface SegmentOptions {
  readonly mss: number | undefined;
  readonly windowShift: number | undefined;
  readonly sackPermitted: boolean;
  readonly timestamps: Timestamps | undefined;
  readonly sack: readonly SackBlock[];
}

/** A TCP segment without its payload. Sequence numbers are as on the wire, 32 bits unsigned. */
export interface SegmentHeader {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  /** `FLAG`s. */
  readonly flags: number;
  /** As on the wire, without the scale. */
  readonly window: number;
  readonly options: SegmentOptions;
}

export interface Segment extends SegmentHeader {
  readonly payload: Uint8Array;
}

export const NO_OPTIONS: SegmentOptions = {
  mss: undefined,
  windowShift: undefined,
  sackPermitted: false,
  timestamps: undefined,
  sack: [],
};

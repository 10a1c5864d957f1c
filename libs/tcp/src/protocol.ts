// The numbers of the protocol, each with its section. What is a choice of this stack says so.

/** IANA "Assigned Internet Protocol Numbers". */
export const TCP = 6;

/** Header without options, in bytes (RFC 9293, 3.1). */
export const HEADER = 20;
/** The header with the most options. */
export const LARGEST_HEADER = 60;

/** RFC 9293, 3.1. */
export const FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const;

/** RFC 9293, 3.2; RFC 2018, 2 and 3; RFC 7323, 2.2 and 3.2. */
export const OPTION = { end: 0, none: 1, mss: 2, windowScale: 3, sackPermitted: 4, sack: 5, timestamps: 8 } as const;
/** Bytes that timestamps take in each segment, with padding (RFC 7323, appendix A). */
export const TIMESTAMPS_LENGTH = 12;
/** RFC 2018, 3: as many as fit beside timestamps. */
export const MOST_SACK_BLOCKS = 3;

/** What a peer takes that names no MSS (RFC 9293, 3.7.1). */
export const DEFAULT_MSS = { 4: 536, 16: 1220 } as const;
/** A choice, as Linux's: a peer that names less would make us send nothing but headers. */
export const LEAST_MSS = 88;
/** RFC 7323, 2.3. */
export const MOST_WINDOW_SHIFT = 14;

/** Milliseconds. RFC 6298, 2, but for `least`, where Linux's choice recovers five times as fast as the RFC's second. */
export const RTO = { initial: 1_000, least: 200, most: 60_000 } as const;
/** RFC 6298, 2.3: alpha and beta. */
export const RTT_GAIN = { smoothed: 1 / 8, variation: 1 / 4 } as const;

/** RFC 6928, 2: the initial window in segments. */
export const INITIAL_WINDOW = 10;
/** RFC 9438, 4.1.2 (C, in segments per second cubed) and 4.6 (beta). */
export const CUBIC = { c: 0.4, beta: 0.7 } as const;
/** RFC 6675, 2: DupThresh. */
export const DUPLICATE_THRESHOLD = 3;

/** RFC 9293, 3.8.6.3 allows 500 ms; this is Linux's least. */
export const DELAYED_ACK = 40;
/** A choice, as Linux's: so many segments at the start are acknowledged at once, for a sender in slow start. */
export const QUICK_ACKS = 16;

/** Times a SYN, or a SYN with ACK, is sent again: 127 s and 31 s in all (RFC 9293, 3.8.3, asks for 3 min; Linux's are these). */
export const SYN_RETRIES = { active: 6, passive: 4 } as const;
/**
 * Milliseconds without progress after which data is given up (RFC 9293, 3.8.3: at least 100 s). As Linux, a quarter of
 * an hour, so that connections outlive a node that roams or sleeps; less for those that nobody uses any more.
 */
export const GIVE_UP = { used: 900_000, orphaned: 120_000 } as const;
/**
 * Milliseconds. RFC 9293, 3.4.1 asks for 4 minutes; timestamps and random sequence numbers protect new connections
 * from old segments here (RFC 7323, 5; RFC 6191), so that this needs to outlive the retransmissions of a last FIN only.
 */
export const TIME_WAIT = 10_000;
/** Milliseconds that a connection which nobody reads any more waits for the peer's FIN; Linux's choice. */
export const FIN_WAIT = 60_000;
/** Milliseconds that a SYN waits for whoever listens to decide; a choice. */
export const DECISION_TIME = 30_000;
/** Keepalive: probes and the time between them in ms (RFC 9293, 3.8.4 leaves both to us; Linux's). */
export const KEEPALIVE = { probes: 9, interval: 75_000 } as const;

/** Answers to segments that may be forged: at most so many in so many ms, for each connection (RFC 5961, 7). */
export const CHALLENGE = { most: 10, within: 5_000 } as const;
/** RFC 7323, 5.5: timestamps older than this say nothing. 24 days in ms. */
export const TIMESTAMP_LIFE = 24 * 24 * 3600 * 1000;

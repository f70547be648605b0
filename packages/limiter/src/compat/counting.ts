/** Higher than any limit of these packages: what is left of it tells how much is used, also above the limit. */
export const COUNTED: number = 2 ** 51

/** As long as a decision may take at all: callers of these packages have no fallback. */
export const DEADLINE_MS = 1000

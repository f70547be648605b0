/** Where `headgate/compat/rate-limiter-flexible` answers otherwise than its model, and how: the one list of it. */

/** Whose answers: those of the model in memory and in Redis, and ours on both. */
export type Side = 'theirs in memory' | 'theirs in redis' | 'ours'

interface Difference {
  readonly why: string
  readonly theirs: unknown
  /** Where the model answers otherwise in Redis than in memory. */
  readonly theirsInRedis?: unknown
  readonly ours: unknown
}

export const differences = {
  'points consumed after 5 of 5 and a rejected call': {
    why: 'rejected calls consume nothing',
    theirs: 6,
    ours: 5,
  },
  'a call for 1 after 8 of 10 and a rejected call for 5': {
    why: 'rejected calls consume nothing',
    theirs: 'rejected',
    ours: 'resolved',
  },
  'points left after 8 of 10 and a rejected call for 5': {
    why: 'rejected calls consume nothing',
    theirs: 0,
    ours: 2,
  },
  'points consumed that a rejection tells of 3 where points have become 1': {
    why: 'rejected calls consume nothing, and are answered by what is left, which is never less than nothing',
    theirs: 4,
    ours: 1,
  },
  'whether a lone call for more than all points blocks the key': {
    why: 'only a key that has consumed is blocked, so nobody is locked out by a mistake of the program',
    theirs: true,
    ours: false,
  },
  'seconds to wait for a key with a block of 10 in a duration of 600': {
    why: 'a block never ends a duration early, which would give all points back',
    theirs: 10,
    ours: 600,
  },
  'whether the first call after a penalty above all points blocks the key': {
    why: 'the first rejected call of a key blocks it, whatever has consumed the points',
    theirs: false,
    ours: true,
  },
  'points that another duration of the same prefix finds consumed': {
    why: 'limiters of different durations would end each other’s',
    theirs: undefined,
    theirsInRedis: 1,
    ours: undefined,
  },
  'whether a point of a duration of 30 days is back after a second': {
    why: 'no timer of Node is that long, and the model relies on one',
    theirs: true,
    ours: false,
  },
  'points left after a reward of 4 for 1 of 5 consumed': {
    why: 'a reward never leaves more than the limit',
    theirs: 8,
    ours: 5,
  },
  'what a reward leaves of a key that has consumed nothing': {
    why: 'a reward never leaves more than the limit',
    theirs: { consumedPoints: -1 },
    ours: null,
  },
  'points left in the answer of set': {
    why: 'every answer says how many points are left',
    theirs: 0,
    ours: 3,
  },
  'what set to 0 leaves of a key': {
    why: 'a key that has consumed nothing is one that was never seen',
    theirs: { consumedPoints: 0 },
    ours: null,
  },
  'a set for another duration': {
    why: 'a key has the duration of its limiter',
    theirs: 'resolved',
    ours: 'HeadgateError',
  },
  'a call with a duration of its own': {
    why: 'a key has the duration of its limiter',
    theirs: 'resolved',
    ours: 'HeadgateError',
  },
  'a call without a key': {
    why: 'it would spend the points of all who lack a key',
    theirs: 'resolved',
    ours: 'HeadgateError',
  },
  'a call for -1': {
    why: 'reward gives points back',
    theirs: 'resolved',
    ours: 'HeadgateError',
  },
  'milliseconds that a duration of half a second begins with': {
    why: 'the model drops the fraction in Redis, and such a key is never free again',
    theirs: 500,
    theirsInRedis: -1,
    ours: 500,
  },
  'milliseconds that a block for ever lasts from the next call on': {
    why: 'the model gives the key a duration again in Redis',
    theirs: -1,
    theirsInRedis: 600_000,
    ours: -1,
  },
  'points consumed in the union beside a limiter that rejected': {
    why: 'a union consumes of all limiters or of none',
    theirs: 2,
    ours: 1,
  },
  'a blocked first key of two prefixes that join to one text': {
    why: 'no key reaches into another prefix',
    theirs: false,
    theirsInRedis: true,
    ours: false,
  },
} as const satisfies Record<string, Difference>

/** What one side answers where the two differ. */
export function answerOf(what: keyof typeof differences, side: Side): unknown {
  const difference: Difference = differences[what]
  if (side === 'ours') return difference.ours
  if (side === 'theirs in redis' && 'theirsInRedis' in difference) return difference.theirsInRedis
  return difference.theirs
}

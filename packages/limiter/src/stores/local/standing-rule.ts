// biome-ignore-all lint/complexity/useMaxParams: the signatures of an algorithm
import type { Algorithm } from '../../core/algorithm.ts'
import type { Rule } from '../../core/rule.ts'
import {
  advanceStanding,
  isStandingFuture,
  STANDING_SIZE,
  standingEndsAt,
  standingIdentity,
} from '../../core/standing.ts'

/** What layouts, `adopt` and the sweeper ask of an algorithm. */
const algorithm: Partial<Algorithm> = {
  kind: 'standing',
  stateSize: () => STANDING_SIZE,
  isFuture: (_, state, o, now) => isStandingFuture(state, o, now),
  advance: (_, state, o, now) => advanceStanding(state, o, now),
  recoversAt: (_, state, o) => standingEndsAt(state, o),
}

/** The standing of a key, laid out as if it were the last rule of its record: keys against which nothing stands have none. */
export const standingRule: Rule = {
  name: standingIdentity.name,
  capacity: 0,
  limit: 0,
  windowMs: 0,
  rate: { limit: 0, windowMs: 0 },
  algorithm: algorithm as Algorithm,
  terms: {},
  spec: {
    name: standingIdentity.name,
    limit: 0,
    window: { ms: 0, calendar: null },
    burst: 0,
    segments: 0,
    timezone: '',
    path: '',
  },
  identity: standingIdentity,
  denies: false,
  byCall: false,
  shadow: false,
}

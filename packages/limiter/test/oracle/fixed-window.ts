import { calendarWindowOf } from './calendar.ts'
import { type GivenBack, least, type Model, STATE_LIMIT, unitsLeft } from './model.ts'
import type { Spec } from './spec.ts'

/** What was spent in one window; `end` is what the window is known by. */
export interface FixedState {
  readonly units: bigint
  readonly end: bigint
  readonly spentAt: bigint
}

const fresh: FixedState = { units: 0n, end: 0n, spentAt: 0n }

/** All fixed windows: they differ in where the window of an instant ends. */
function fixedModel(kind: string, limit: bigint, endOf: (now: bigint) => bigint): Model<FixedState> {
  const giveBack = (state: FixedState, wanted: bigint): GivenBack<FixedState> => {
    const units = least(wanted, state.units)
    const left = state.units - units
    return { state: left === 0n ? fresh : { ...state, units: left }, amount: units, units }
  }
  return {
    kind,
    capacity: limit,
    quantum: 1n,
    fresh,
    isFuture: ({ end }, now) => end > endOf(now),
    advance({ units, end, spentAt }, now) {
      return end <= now ? fresh : { units, end: least(end, endOf(now)), spentAt: least(spentAt, now) }
    },
    recoversAt: ({ end }) => end,
    spentAt: ({ spentAt }) => spentAt,
    wait: ({ units, end }, now, cost) => (units + cost <= limit ? 0n : end - now),
    spend: ({ units, end }, now, cost) => ({
      units: least(STATE_LIMIT, units + cost),
      end: end === 0n ? endOf(now) : end,
      spentAt: now,
    }),
    used: ({ units }) => units,
    standing: ({ units }) => ({ stood: units, since: 0n }),
    refund: (state, _now, cost, standing) => giveBack(state, least(cost, unitsLeft(standing))),
    credit: giveBack,
  }
}

export function firstHitModel({ limit, windowUs }: Spec): Model<FixedState> {
  return fixedModel('first-hit', limit, (now) => now + windowUs)
}

export function epochModel({ limit, windowUs }: Spec): Model<FixedState> {
  return fixedModel('epoch', limit, (now) => (now / windowUs + 1n) * windowUs)
}

export function calendarModel({ limit, calendar }: Spec): Model<FixedState> {
  if (calendar === null) throw new Error('a calendar window without a calendar reached the model')
  const { unit, timezone } = calendar
  return fixedModel('calendar', limit, (now) => calendarWindowOf(unit, timezone, now).end)
}

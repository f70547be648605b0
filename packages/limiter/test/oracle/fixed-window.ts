import { calendarWindowOf } from './calendar.ts'
import { least, type Model, most, STATE_LIMIT } from './model.ts'
import type { Spec } from './spec.ts'

export interface FixedState {
  readonly count: bigint
  readonly start: bigint
  readonly end: bigint
}

interface Span {
  readonly start: bigint
  readonly end: bigint
}

/** All fixed windows: they differ in where the window of `now` lies, given what was found. */
function fixedModel(
  kind: string,
  limit: bigint,
  place: string,
  windowOf: (now: bigint) => Span,
  isOver: (state: FixedState, now: bigint) => boolean,
): Model<FixedState> {
  const isAhead = (state: FixedState, now: bigint): boolean => state.start > windowOf(now).start
  const forward = (state: FixedState, now: bigint): FixedState => {
    if (isOver(state, now)) return { count: 0n, ...windowOf(now) }
    return isAhead(state, now) ? { count: state.count, ...windowOf(now) } : state
  }
  return {
    kind,
    identity: `${kind} ${limit} ${place}`,
    capacity: limit,
    quantum: 1n,
    fresh: { count: 0n, start: 0n, end: 0n },
    isAhead,
    forward,
    wait: ({ count, end }, now, cost) => (count + cost <= limit ? 0n : end - now),
    spend: (state, _now, cost) => ({ ...state, count: least(STATE_LIMIT, state.count + cost) }),
    remaining: ({ count }) => most(0n, limit - count),
    reset: ({ count, end }, now) => (count === 0n ? 0n : end - now),
    used: ({ count }) => count,
    refund: (state, _now, cost, mark) =>
      state.end === mark.recoveredAt ? { ...state, count: most(0n, state.count - cost) } : state,
    convert: (from, state) => (from.identity.split(' ').slice(2).join(' ') === place ? state : null),
  }
}

export function firstHitModel({ limit, windowUs }: Spec): Model<FixedState> {
  const opened = (now: bigint): Span => ({ start: now, end: now + windowUs })
  const isOver = ({ count, start }: FixedState, now: bigint): boolean =>
    count === 0n || now >= start + windowUs
  return fixedModel('first-hit', limit, `${windowUs}`, opened, isOver)
}

export function epochModel({ limit, windowUs }: Spec): Model<FixedState> {
  const windowOf = (now: bigint): Span => {
    const start = (now / windowUs) * windowUs
    return { start, end: start + windowUs }
  }
  return fixedModel('epoch', limit, `${windowUs}`, windowOf, ({ start }, now) => start < windowOf(now).start)
}

export function calendarModel({ limit, calendar }: Spec): Model<FixedState> {
  if (calendar === null) throw new Error('a calendar window without a calendar reached the model')
  const { unit, timezone } = calendar
  const windowOf = (now: bigint): Span => calendarWindowOf(unit, timezone, now)
  const isOver = ({ start }: FixedState, now: bigint): boolean => start < windowOf(now).start
  return {
    ...fixedModel('calendar', limit, `${unit} ${timezone}`, windowOf, isOver),
    settle: (state, now) => (now >= state.end ? { ...state, count: 0n } : state),
  }
}

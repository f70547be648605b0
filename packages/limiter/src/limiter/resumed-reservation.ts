import type { Claim, Claimed } from '../core/claiming-store.ts'
import type { Decision } from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import type { Extended, ReservationHandle, ResumedReservation, Settled } from '../core/reservation-handle.ts'
import { checkCost } from '../core/validate.ts'
import { isReplyLost } from './reply-lost.ts'
import type { ReservationDeps } from './reservation.ts'
import { heldBy, planSettlement, refundOf } from './settlement-plan.ts'

/** What a resumed reservation needs of its limiter. */
export interface ResumeDeps extends Omit<ReservationDeps, 'clock'> {
  /** Takes a claim if nobody has it yet. */
  claim(claim: Claim): Promise<Claimed>
  unclaim(id: string): Promise<void>
}

/** Most spends of one reservation: that of `reserve`, and 100 extensions. */
export const SPENDS_MAX = 101

/**
 * A reservation that several processes may hold. Who settles it is a claim in the store, which is taken first: a process that
 * dies before the rest leaves units spent, and never gives back or charges twice.
 */
export function resumeReservation(handle: ReservationHandle, deps: ResumeDeps): ResumedReservation {
  return {
    held: heldBy(handle.spends),
    settle: async (actual: number) => settle(handle, checkCost(actual), deps),
    cancel: () => settle(handle, 0, deps),
    extend: async (more: number) => extend(handle, checkCost(more), deps),
  }
}

async function settle(handle: ReservationHandle, actual: number, deps: ResumeDeps): Promise<Settled> {
  const { id, spends, expiresAtUs } = handle
  const claimed = await deps.claim({ id, value: actual, endsAtUs: expiresAtUs })
  if (claimed.by === 'nobody') return { settled: false, actual: null }
  const isMine = claimed.by === 'caller'
  const inForce = claimed.value ?? actual
  const { shortfall, surplus } = planSettlement(spends, inForce)
  if (isMine && shortfall > 0) await chargeOrGiveUp(id, shortfall, deps)
  // Whoever comes later gives back what the first one may have failed to: a receipt is refunded at most once.
  for (const one of surplus) await deps.refund(one.spend.receipt, refundOf(one))
  return { settled: isMine, actual: inForce }
}

async function chargeOrGiveUp(id: string, units: number, deps: ResumeDeps): Promise<void> {
  try {
    await deps.charge(units)
  } catch (reason) {
    // A charge that may have been made must not be made again. One that was not is left for the next to settle.
    if (!isReplyLost(reason)) await deps.unclaim(id).catch(() => {})
    throw reason
  }
}

async function extend(handle: ReservationHandle, more: number, deps: ResumeDeps): Promise<Extended> {
  const { spends } = handle
  if (spends.length >= SPENDS_MAX) throw tooManyError()
  const decision = await deps.consume(more)
  const extended = { ...handle, spends: [...spends, ...spendsOf(decision)] }
  if (await isOpen(handle, decision, deps)) return { decision, handle: extended }
  await giveBack(decision, deps)
  throw settledError()
}

/** Asked after the extension: a settlement that came first has not given its units back. */
async function isOpen(
  { id, expiresAtUs }: ReservationHandle,
  made: Decision,
  deps: ResumeDeps,
): Promise<boolean> {
  try {
    return (await deps.claim({ id, value: null, endsAtUs: expiresAtUs })).by === 'caller'
  } catch (reason) {
    await giveBack(made, deps)
    throw reason
  }
}

async function giveBack({ receipt, cost }: Decision, deps: ResumeDeps): Promise<void> {
  if (receipt !== null) await deps.refund(receipt, cost)
}

/** The spends of a handle that a decision adds. */
function spendsOf({ receipt, cost }: Decision): ReservationHandle['spends'] {
  return receipt === null ? [] : [{ receipt, units: cost }]
}

function settledError(): HeadgateError {
  const message = 'this reservation was settled, or its ttl is over; reserve anew for more units'
  return new HeadgateError('invalid-options', message)
}

function tooManyError(): HeadgateError {
  const message = `a reservation takes ${SPENDS_MAX - 1} extensions; settle this one and reserve anew`
  return new HeadgateError('invalid-options', message)
}

import { HeadgateError, show } from '../core/errors.ts'
import type { ReservationHandle } from '../core/reservation-handle.ts'
import { isRecord, isWhole } from '../core/validate.ts'
import { checkReceipt } from './check-receipt.ts'
import { SPENDS_MAX } from './resumed-reservation.ts'

/** Checks a handle, also one that went through JSON; an `invalid-receipt` error names the wrong field. */
export function checkHandle(value: unknown): ReservationHandle {
  if (!isRecord(value)) throw wrongHandle(value, 'handle')
  const { id, who, sealedWho, call, spends, expiresAtUs } = value as Partial<
    Record<keyof ReservationHandle, unknown>
  >
  if (typeof id !== 'string' || id === '') throw wrongHandle(id, 'handle.id')
  if (sealedWho !== undefined && (typeof sealedWho !== 'string' || who !== undefined)) {
    throw wrongHandle(sealedWho, 'handle.sealedWho')
  }
  if (sealedWho === undefined && typeof who !== 'string' && !isRecord(who))
    throw wrongHandle(who, 'handle.who')
  if (!isRecord(call)) throw wrongHandle(call, 'handle.call')
  if (!isWhole(expiresAtUs, 0)) throw wrongHandle(expiresAtUs, 'handle.expiresAtUs')
  if (!Array.isArray(spends) || spends.length > SPENDS_MAX) throw wrongHandle(spends, 'handle.spends')
  for (const spend of spends) {
    if (!isRecord(spend)) throw wrongHandle(spend, 'handle.spends')
    const { receipt, units } = spend as { receipt?: unknown; units?: unknown }
    checkReceipt(receipt)
    if (!isWhole(units, 0)) throw wrongHandle(units, 'handle.spends.units')
  }
  return value as ReservationHandle
}

function wrongHandle(value: unknown, path: string): HeadgateError {
  const fix = 'pass the handle of a reservation as it is'
  return new HeadgateError('invalid-receipt', `${show(value)} is not that of a reservation; ${fix}`, { path })
}

import { HeadgateError } from '../core/errors.ts'
import type { HashedKeys } from '../core/hash-keys.ts'
import type { Who } from '../core/key.ts'
import type { ReservationHandle } from '../core/reservation-handle.ts'

/** What a handle says of whom it is of. */
export type HandleOwner = Pick<ReservationHandle, 'who' | 'sealedWho'>

/** Whom a reservation is of, for its handle. */
export function handleOwner(who: Who, hashedKeys: HashedKeys | null): HandleOwner {
  return hashedKeys === null ? { who } : { sealedWho: hashedKeys.sealer.seal(JSON.stringify(who)) }
}

/** Whom a checked handle is of; one that was sealed by another secret is an `invalid-receipt` error. */
export function whoOf({ who, sealedWho }: HandleOwner, hashedKeys: HashedKeys | null): Who {
  if (sealedWho === undefined) return who as Who
  const text = hashedKeys?.sealer.open(sealedWho) ?? null
  if (text !== null) return JSON.parse(text) as Who
  const message =
    'this handle is of a limiter that hashes keys by another secret; give this one the same hashKeys'
  throw new HeadgateError('invalid-receipt', message, { path: 'handle.sealedWho' })
}

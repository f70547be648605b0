import type { KeyView } from 'headgate'
import type { DecidedRequest } from '../../service/events.ts'
import type { Service } from '../../service/service.ts'

/** Whom a request was about, as lists may name it; none where that cannot be told any more. */
export function keysIn(service: Pick<Service, 'keysOf'>, request: DecidedRequest | null): readonly KeyView[] {
  if (request === null) return []
  try {
    const { who, policy } = request
    return service.keysOf(who, policy === undefined ? {} : { policy })
  } catch {
    // A policy that was decided by may be gone.
    return []
  }
}

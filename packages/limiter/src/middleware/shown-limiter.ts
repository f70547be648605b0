import { parseAddress } from '../core/address.ts'
import type { Who } from '../core/key.ts'
import type { Limiter, PolicyRegister } from '../core/limiter.ts'

/** How a limiter is shown to those who call its methods by hand. */
export interface ShownLimiterOptions {
  /** Its policies, as they may be changed. */
  readonly policies: PolicyRegister
  /**
   * The text by which it counts an address, where addresses are its plain keys: then `{ ip }` and an address in any spelling mean
   * the client that has it, as they do where `ip` is the key of a policy. Null where they are not.
   */
  readonly addressKey: ((address: string) => string) | null
}

/** The limiter of a middleware for its users. */
export function shownLimiter(limiter: Limiter, { policies, addressKey }: ShownLimiterOptions): Limiter {
  const by = (who: Who): Who => {
    if (addressKey === null) return who
    if (typeof who === 'string') return parseAddress(who) === null ? who : addressKey(who)
    const ip = who?.['ip']
    const isAddress = typeof ip === 'string' && who['key'] === undefined && parseAddress(ip) !== null
    // Its other attributes stay: policies that came later may look at them.
    return isAddress ? { ...who, key: addressKey(ip) } : who
  }
  return {
    consume: (who, options) => limiter.consume(by(who), options),
    consumeSync: ((who: Who, options: never) =>
      (limiter.consumeSync as (...call: unknown[]) => unknown)(by(who), options)) as never,
    peek: (who, options) => limiter.peek(by(who), options),
    decide: (requests, options) =>
      limiter.decide(
        requests.map((request) => ({ ...request, who: by(request.who) })),
        options,
      ),
    reserve: (who, options) => limiter.reserve(by(who), options),
    resume: (handle) => limiter.resume(handle),
    wait: (who, options) => limiter.wait(by(who), options),
    refund: (receipt, options) => limiter.refund(receipt, options),
    charge: (who, cost, options) => limiter.charge(by(who), cost, options),
    credit: (who, cost, options) => limiter.credit(by(who), cost, options),
    reset: (who, options) => limiter.reset(by(who), options),
    block: (who, duration, options) => limiter.block(by(who), duration, options),
    unblock: (who, options) => limiter.unblock(by(who), options),
    explain: (who, options) => limiter.explain(by(who), options),
    policies: {
      ...policies,
      keysOf: (who, options) => policies.keysOf(by(who), options),
      determinedKeysOf: (who, options) => policies.determinedKeysOf(by(who), options),
    },
    health: () => limiter.health(),
    on: (event, listener) => limiter.on(event, listener),
    close: () => limiter.close(),
  }
}

import { parseAddress } from '../core/address.ts'
import type { Who } from '../core/key.ts'
import type { Limiter } from '../core/limiter.ts'

/**
 * A limiter that counts addresses as plain texts, which is fastest, for whoever calls its methods by hand: `{ ip }` and an address in
 * any spelling mean the client that has it, as they do where `ip` is the key of a policy.
 */
export function limiterByAddress(limiter: Limiter, keyOf: (address: string) => string): Limiter {
  const by = (who: Who): Who => {
    if (typeof who === 'string') return parseAddress(who) === null ? who : keyOf(who)
    const ip = who?.['ip']
    return typeof ip === 'string' && who['key'] === undefined ? keyOf(ip) : who
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
    policies: limiter.policies,
    health: () => limiter.health(),
    on: (event, listener) => limiter.on(event, listener),
    close: () => limiter.close(),
  }
}

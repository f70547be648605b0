/** `CL.THROTTLE` of redis-cell: a token bucket that comes with the call. */

import type { Decision, LimitRequest, Receipt, RuleOptions } from 'headgate'
import { retryAfterSeconds } from 'headgate/http'
import { RESP_POLICY } from '../../../service/wire-policy.ts'
import type { RespCommand } from '../command.ts'
import { wholeNumber } from '../read-arguments.ts'
import { RESP } from '../transport-name.ts'

const ORIGIN = { transport: RESP } as const
/** What redis-cell answers where there is nothing to wait for, or no wait helps. */
const NONE = -1

export const THROTTLE_COMMANDS: readonly RespCommand[] = [
  {
    name: 'CL.THROTTLE',
    usage: '<key> <max_burst> <count per period> <period in seconds> [<quantity>]',
    arguments: [4, 5],
    run: (args, { service }) => {
      const request = throttleRequest(args)
      const atOnce = service.decideAtOnce(request, ORIGIN)
      if (atOnce !== null) return throttleReply(atOnce.decisions[0] as Decision, request)
      return service
        .decide([request], ORIGIN)
        .then(({ decisions }) => throttleReply(decisions[0] as Decision, request))
    },
  },
]

type ThrottleRequest = LimitRequest & { readonly rule: ThrottleRule }
type ThrottleRule = RuleOptions & { readonly burst: number }

/** Rules by the texts of their numbers: few are in use, and each comes again and again. */
const rules = new Map<string, ThrottleRule>()
const RULES_MAX = 1000

function throttleRequest([
  key = '',
  maxBurst = '',
  count = '',
  period = '',
  quantity = '1',
]: readonly string[]): ThrottleRequest {
  return {
    who: { key: keyOf(key) },
    cost: quantity === '1' ? 1 : wholeNumber(quantity, 'quantity'),
    policy: RESP_POLICY,
    rule: ruleOf(maxBurst, count, period),
  }
}

function ruleOf(maxBurst: string, count: string, period: string): ThrottleRule {
  const id = `${maxBurst} ${count} ${period}`
  const known = rules.get(id)
  if (known !== undefined) return known
  const burst = wholeNumber(maxBurst, 'max_burst') + 1
  const limit = { limit: wholeNumber(count, 'count', 1), window: wholeNumber(period, 'period', 1) * 1000 }
  // Frozen, so that the limiter need not look whether it has changed.
  const rule = Object.freeze({ algorithm: 'token-bucket', limit: Object.freeze(limit), burst } as const)
  if (rules.size >= RULES_MAX) rules.clear()
  rules.set(id, rule)
  return rule
}

/** Redis has a key that is empty. Ours stands for it, and those that look like ours get one character more. */
function keyOf(key: string): string {
  return /^\0*$/.test(key) ? `${key}\0` : key
}

/** Limited or not, the capacity, what is left, and seconds: until it passes, and until all of it is there again. */
function throttleReply(decision: Decision, { rule: { burst } }: ThrottleRequest): string {
  // What was not counted, as on a list or while the store is away, has no numbers.
  const { allowed, limit, remaining } = decision
  const wait = allowed ? NONE : (retryAfterSeconds(decision) ?? NONE)
  return `*5\r\n:${allowed ? 0 : 1}\r\n:${limit ?? burst}\r\n:${remaining ?? 0}\r\n:${wait}\r\n:${resetSeconds(decision)}\r\n`
}

/**
 * redis-cell rounds up where whole milliseconds are left over. After a spend the microseconds are known from its receipt; else a
 * part of a millisecond counts as one.
 */
function resetSeconds({ receipt, resetAfterMs }: Decision): number {
  const ms = receipt === null ? (resetAfterMs ?? 0) : Math.floor(recoveryUs(receipt) / 1000)
  return Math.ceil(ms / 1000)
}

/** Of a bucket: when it recovers, less when it was spent from. */
function recoveryUs({ numbers }: Receipt): number {
  return (numbers[0] as number) - (numbers[5] as number)
}

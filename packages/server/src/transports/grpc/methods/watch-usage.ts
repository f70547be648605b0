import { isDeepStrictEqual } from 'node:util'
import type { Decision } from 'headgate'
import { RateLimiter, type Rule } from '../../../gen/headgate-v1.ts'
import type { Service } from '../../../service/service.ts'
import { type RpcMethod, watch } from '../rpc-method.ts'
import { timeToAnswer } from '../time-to-answer.ts'
import { everySecond } from './every-second.ts'
import { asking, ruleMessage } from './limit-messages.ts'

export const WATCH_METHODS: readonly RpcMethod[] = [
  watch(RateLimiter.WatchUsage, async function* (message, call) {
    const { transport, signal } = call
    let service: Service | null = null
    let told: readonly Rule[] | null = null
    for await (const _tick of everySecond(signal())) {
      service = service === null ? call.service : call.callerOf()
      const caller = { ...call, service }
      const options = { transport, verb: 'peek', ...timeToAnswer(undefined) } as const
      // A cost of 0 shows what is left, and not what would be.
      const { decisions } = await asking(message, caller, (written) =>
        caller.service.decide([{ ...written, cost: 0 }], options),
      )
      const { rules, shadow } = decisions[0] as Decision
      const views = [...rules, ...shadow].map(ruleMessage)
      if (isDeepStrictEqual(views, told)) continue
      told = views
      yield { rules: views }
    }
  }),
]

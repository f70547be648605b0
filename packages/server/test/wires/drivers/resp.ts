import assert from 'node:assert/strict'
import type { ErrorCode } from 'headgate'
import { errorTable } from 'headgate/errors'
import { createRespTransport } from '../../../src/transports/resp/resp-transport.ts'
import { RespClient } from '../../resp/resp-server.ts'
import { type Answer, domainOf, EVERYTHING, FORGED, type Step, type Wire } from '../wire.ts'

/** `HG.…` of the Redis protocol, in version 3. */
export const resp: Wire = {
  name: 'RESP',
  tells: EVERYTHING,
  open: async (served, token) => {
    const asking = await RespClient.to(Number(new URL(await served.listen(createRespTransport)).port))
    let last: string | null = null
    const refused = await asking.ask('HELLO', '3', ...(token === undefined ? [] : ['AUTH', 'default', token]))
    return {
      answer: async (step) => {
        const answer = refused instanceof Error ? refused : await asking.ask(...wordsOf(step, last))
        if (answer instanceof Error) return errorOf(answer)
        if (typeof answer === 'number') return { refunded: answer }
        if (Array.isArray(answer)) return { policies: answer }
        last = answer.receipt ?? last
        return { ...answer, retryAfterMs: answer.retry_after_ms }
      },
      close: async () => void asking.socket.destroy(),
    }
  },
}

function wordsOf(step: Step, last: string | null): string[] {
  switch (step.verb) {
    case 'consume':
    case 'peek': {
      const { user, policy = '*', cost, deadlineMs } = step
      return [
        `HG.${step.verb.toUpperCase()}`,
        policy,
        `domain=${domainOf(step)}`,
        `user=${user}`,
        ...(cost === undefined ? [] : ['COST', `${cost}`]),
        ...(deadlineMs === undefined ? [] : ['DEADLINE', `${deadlineMs}ms`]),
      ]
    }
    case 'refund':
      return ['HG.REFUND', step.receipt === 'last' ? String(last) : FORGED]
    case 'block':
      return ['HG.BLOCK', '*', '10m', 'domain=shop', `user=${step.user}`]
    default:
      return [`HG.${step.verb.toUpperCase()}`, '*', 'domain=shop', `user=${step.user}`]
  }
}

/** `WORD code at path: …`, with the word of the table. */
function errorOf({ message }: Error): Answer {
  const [, word, code = ''] = /^(\w+) ([\w-]+)/.exec(message) ?? []
  const error = code as ErrorCode
  assert.equal(word, errorTable[error]?.resp, message)
  return { error }
}

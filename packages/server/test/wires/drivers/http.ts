import assert from 'node:assert/strict'
import { errorTable } from 'headgate/errors'
import { createHttpTransport } from '../../../src/transports/http/http-transport.ts'
import { type Answer, domainOf, EVERYTHING, FORGED, type Step, type Wire } from '../wire.ts'

/** The HTTP API by `fetch`. */
export const http: Wire = {
  name: 'HTTP',
  tells: EVERYTHING,
  open: async (served, token) => {
    const url = await served.listen(createHttpTransport)
    let last: string | null = null
    return {
      answer: async (step) => {
        const { path, body } = requestOf(step, last)
        const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
        const response = await fetch(url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', connection: 'close', ...authorization },
          body: JSON.stringify(body),
        })
        const answer = (await response.json()) as Answer & { code?: string; receipt?: string | null }
        const { code } = answer
        if (code !== undefined) {
          assert.equal(response.status, errorTable[code as 'limited'].http)
          return { error: code as 'limited' }
        }
        if ('allowed' in answer)
          assert.equal(response.status, answer.allowed ? 200 : step.verb === 'peek' ? response.status : 429)
        last = answer.receipt ?? last
        return answer
      },
      close: async () => {},
    }
  },
}

function requestOf(step: Step, last: string | null): { readonly path: string; readonly body: object } {
  switch (step.verb) {
    case 'consume':
    case 'peek': {
      const { verb, user, domain: _, ...options } = step
      return { path: `/v1/${verb}`, body: { attributes: { domain: domainOf(step), user }, ...options } }
    }
    case 'refund':
      return { path: '/v1/refund', body: { receipt: step.receipt === 'last' ? last : FORGED } }
    default: {
      const attributes = { domain: 'shop', user: step.user }
      const duration = step.verb === 'block' ? { duration: '10m' } : {}
      return { path: `/v1/${step.verb}`, body: { attributes, ...duration } }
    }
  }
}

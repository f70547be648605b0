/** The HTTP API over memory, on a clock that tests move. */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { memoryStore, type PolicyOptions } from 'headgate'
import { type ManualClock, manualClock } from 'headgate/testing'
import { createService } from '../../src/service/create-service.ts'
import type { Failure } from '../../src/service/describe-failure.ts'
import type { Service } from '../../src/service/service.ts'
import { createHttpServer } from '../../src/transports/http/server.ts'

export interface Api extends AsyncDisposable {
  readonly clock: ManualClock
  readonly service: Service
  readonly app: FastifyInstance
  /** Errors that are not the caller's. */
  readonly failures: Failure[]
  post(path: string, body: unknown): Promise<LightMyRequestResponse>
  /** Units that a user has left, under each rule. */
  left(user: string): Promise<number[]>
}

const POLICIES: readonly PolicyOptions[] = [{ name: 'api', key: 'user', rules: ['10/min'] }]

export function openApi(policies: readonly PolicyOptions[] = POLICIES): Api {
  const clock = manualClock()
  const service = createService({
    configuration: { policies, allow: {}, deny: { key: ['mallory'] }, notInForce: [], hash: 'abc' },
    store: { store: memoryStore({ clock }), label: 'memory', resilience: {}, ping: async () => {} },
  })
  const app = createHttpServer(service)
  const failures: Failure[] = []
  service.on('failure', ({ failure }) => {
    if (!failure.isCallers) failures.push(failure)
  })
  const post: Api['post'] = (url, body) => app.inject({ method: 'POST', url, payload: body as object })
  return {
    clock,
    service,
    app,
    failures,
    post,
    async left(user) {
      const { rules } = (await post('/v1/peek', { attributes: { user }, cost: 0 })).json()
      return rules.map(({ remaining }: { remaining: number }) => remaining)
    },
    async [Symbol.asyncDispose]() {
      await app.close()
      await service.close()
    },
  }
}

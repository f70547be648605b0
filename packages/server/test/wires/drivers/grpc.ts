import assert from 'node:assert/strict'
import type { ServiceError } from '@grpc/grpc-js'
import type { ErrorCode } from 'headgate'
import { errorTable } from 'headgate/errors'
import { ErrorInfo, Status } from '../../../src/gen/google-rpc.ts'
import type { GrpcEngineName } from '../../../src/transports/grpc/grpc-engine.ts'
import { createGrpcTransport } from '../../../src/transports/grpc/grpc-transport.ts'
import { RPC_CODES, type RpcCode } from '../../../src/transports/grpc/rpc-status.ts'
import { GrpcClient, LIMITER, type Said } from '../../grpc/grpc-server.ts'
import { type Answer, domainOf, EVERYTHING, FORGED, type Step, type Wire } from '../wire.ts'

/** `headgate.v1`, asked by a client of grpc-js. */
export const grpc = servedBy('native')
export const grpcJs: Wire = { ...servedBy('grpc-js'), name: 'gRPC by grpc-js' }

function servedBy(engine: GrpcEngineName): Wire {
  return {
    name: 'gRPC',
    tells: EVERYTHING,
    open: async (served, token) => {
      const url = await served.listen((service, options) =>
        createGrpcTransport(service, { ...options, engine }, { extras: [], hasReflection: false }),
      )
      const asking = new GrpcClient(new URL(url).host, LIMITER)
      let last: string | null = null
      return {
        answer: async (step) => {
          const [method, message] = callOf(step, last)
          try {
            const answer = await asking.ask(method, message, saidOf(step, token))
            last = answer.receipt || last
            return 'allowed' in answer ? decisionOf(answer) : answer
          } catch (reason) {
            return errorOf(reason as ServiceError)
          }
        },
        close: async () => asking[Symbol.dispose](),
      }
    },
  }
}

function callOf(step: Step, last: string | null): readonly [method: string, message: object] {
  switch (step.verb) {
    case 'consume':
    case 'peek': {
      const { user, cost, policy } = step
      const given = { ...(cost !== undefined && { cost }), ...(policy !== undefined && { policy }) }
      const method = step.verb === 'consume' ? 'Consume' : 'Peek'
      return [method, { attributes: { domain: domainOf(step), user }, ...given }]
    }
    case 'refund':
      return ['Refund', { receipt: step.receipt === 'last' ? last : FORGED }]
    case 'block':
      return ['Block', { reach: { attributes: { domain: 'shop', user: step.user } }, duration: '10m' }]
    default:
      return [
        step.verb === 'reset' ? 'Reset' : 'Unblock',
        { attributes: { domain: 'shop', user: step.user } },
      ]
  }
}

export function saidOf(step: Step, token: string | undefined): Said {
  return {
    ...(token !== undefined && { metadata: { authorization: `Bearer ${token}` } }),
    ...('deadlineMs' in step && step.deadlineMs !== undefined && { deadlineMs: step.deadlineMs }),
  }
}

/** What is absent in a message is null in a decision; the reader of messages makes it empty, or 0. */
function decisionOf(answer: Record<string, unknown>): Answer {
  const { allowed, policy, limit, remaining, retryAfterMs } = answer
  const isJudged = policy !== '' && policy !== undefined
  return {
    ...answer,
    policy: isJudged ? policy : null,
    limit: isJudged ? limit : null,
    remaining: isJudged ? remaining : null,
    retryAfterMs: allowed === false && !retryAfterMs ? null : (retryAfterMs ?? 0),
  } as Answer
}

/** The code by the details, which goes with the status of the table. */
export function errorOf({ code, metadata }: ServiceError): Answer {
  const [bytes] = metadata.get('grpc-status-details-bin')
  assert.ok(bytes !== undefined, `no details with the status ${code}`)
  const info = Status.decode(bytes as Buffer).details.find(({ typeUrl }) => typeUrl.endsWith('ErrorInfo'))
  const error = ErrorInfo.decode(info?.value ?? Buffer.alloc(0)).reason as ErrorCode
  assert.equal(code, RPC_CODES[errorTable[error].grpc as RpcCode])
  return { error }
}

import type { Service } from '../../service/service.ts'
import { atWireField } from '../http/rethrow-at-field.ts'
import { MESSAGE_TIMEOUT_MS } from './grpc-limits.ts'
import { RPC_CODES, RpcError, type RpcStatus, rpcStatus } from './rpc-status.ts'
import { GRPC } from './transport-name.ts'

/** Nobody is there to be answered, and nothing has failed. */
export const LEFT = new RpcError('CANCELLED', 'the caller has left')

/** The first message of a call was not there in time. */
export const TOO_LATE = new RpcError(
  'DEADLINE_EXCEEDED',
  `the message did not arrive within ${MESSAGE_TIMEOUT_MS} ms`,
)

/** The status of whatever a call ended with; tells those who listen. */
export function endOf(service: Pick<Service, 'fail'>, reason: unknown): RpcStatus {
  if (reason instanceof RpcError) {
    return { code: RPC_CODES[reason.code], message: reason.message, details: null }
  }
  return rpcStatus(service.fail(atWireField(reason), { transport: GRPC }))
}

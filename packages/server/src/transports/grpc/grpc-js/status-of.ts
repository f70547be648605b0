import { Metadata } from '@grpc/grpc-js'
import type { Service } from '../../../service/service.ts'
import { atWireField } from '../../http/rethrow-at-field.ts'
import { RPC_CODES, RpcError, rpcStatus } from '../rpc-status.ts'
import { GRPC } from '../transport-name.ts'

const DETAILS = 'grpc-status-details-bin'

/** How grpc-js is told that a call ends without an answer. */
export interface CallStatus {
  readonly code: number
  readonly details: string
  readonly metadata: Metadata
}

/** The status of whatever a call ended with; tells those who listen. */
export function statusOf(service: Pick<Service, 'fail'>, reason: unknown): CallStatus {
  const metadata = new Metadata()
  if (reason instanceof RpcError) {
    return { code: RPC_CODES[reason.code], details: reason.message, metadata }
  }
  const { code, message, details } = rpcStatus(service.fail(atWireField(reason), { transport: GRPC }))
  metadata.set(DETAILS, details)
  return { code, details: message, metadata }
}

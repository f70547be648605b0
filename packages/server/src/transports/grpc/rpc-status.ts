import { errorTable } from 'headgate/errors'
import type { Any } from '../../gen/google-protobuf.ts'
import { ErrorInfo, RetryInfo, Status } from '../../gen/google-rpc.ts'
import type { Failure } from '../../service/describe-failure.ts'

/** The codes of gRPC that are answered here. */
export const RPC_CODES = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const

export type RpcCode = keyof typeof RPC_CODES

/** The end of a call by a code that is about the protocol, and not about limits. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: RpcCode

  constructor(code: RpcCode, message: string) {
    super(message)
    this.code = code
  }
}

/** How a call ends that has no answer. */
export interface RpcStatus {
  readonly code: number
  /** One sentence with the fix. */
  readonly message: string
  /** A `google.rpc.Status` as bytes, for `grpc-status-details-bin`; null where there is no more to say. */
  readonly details: Buffer | null
}

const DOMAIN = 'headgate'

/** The status of a failure: its code as `reason`, the field it is about, and when to come again where that is known. */
export function rpcStatus({ code, detail, path, retryAfterSeconds }: Failure): RpcStatus {
  const name = errorTable[code].grpc as RpcCode
  const message = path === '' ? detail : `${path}: ${detail}`
  const info = ErrorInfo.encode({ reason: code, domain: DOMAIN, metadata: path === '' ? {} : { path } })
  const details = [anyOf('google.rpc.ErrorInfo', info)]
  if (retryAfterSeconds !== null) {
    const retryDelay = { seconds: retryAfterSeconds, nanos: 0 }
    details.push(anyOf('google.rpc.RetryInfo', RetryInfo.encode({ retryDelay })))
  }
  return {
    code: RPC_CODES[name],
    message,
    details: Status.encode({ code: RPC_CODES[name], message, details }),
  }
}

function anyOf(type: string, value: Uint8Array): Any {
  return { typeUrl: `type.googleapis.com/${type}`, value }
}

// Copied by scripts/build-proto.ts from packages/server/src/protobuf/service-type.ts; do not edit.
import type { MessageType } from './message.ts'

/** A method of a service, as its `.proto` has it. */
export interface MethodType<Request, Response> {
  /** `/headgate.v1.RateLimiter/Consume`. */
  readonly path: string
  readonly request: MessageType<Request>
  readonly response: MessageType<Response>
  /** Whether the caller sends many messages. */
  readonly requestStream: boolean
  /** Whether the answer is many messages. */
  readonly responseStream: boolean
}

import type { ExecutionContext } from '@nestjs/common'
import type { Exchange } from '../../middleware/exchange.ts'

/** An exchange over what is no request of HTTP, such as a message of a WebSocket: nothing is known of it but its handler. */
export class MessageExchange implements Exchange<ExecutionContext> {
  readonly request: ExecutionContext
  readonly identity: object
  /** `ws`, `rpc` or `graphql`. */
  readonly method: string
  readonly route: string
  readonly target: string
  readonly peer: undefined
  readonly signal: undefined

  constructor(context: ExecutionContext) {
    this.request = context
    this.identity = context
    this.method = context.getType()
    this.route = `${context.getClass().name}.${context.getHandler().name}`
    this.target = `/${this.route}`
  }

  header(): undefined {}

  getHeader(): undefined {}

  setHeader(): void {}

  /** Nobody tells how it ends: what is spent stays spent. */
  onEnd(): void {}
}

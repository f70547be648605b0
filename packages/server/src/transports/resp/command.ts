import type { Service } from '../../service/service.ts'
import type { Protocol } from './reply.ts'

/** What a connection has agreed with its client. */
export interface SessionState {
  readonly id: number
  protocol: Protocol
  /** As the client calls itself. */
  name: string
  /** By which its calls are taken; looked at for each, since a configuration may change. */
  token: string | undefined
  /** Whether the client wants to be answered no more. */
  hasQuit: boolean
}

/** What a command is answered with: its connection, and the service as its caller may use it. */
export interface Call {
  readonly session: SessionState
  readonly service: Service
}

/** One command of the protocol: what is answered, checked and listed comes from here alone. */
export interface RespCommand {
  /** In upper case. */
  readonly name: string
  /** Its arguments, as help shows them. */
  readonly usage: string
  /** Fewest and most arguments behind the name. */
  readonly arguments: readonly [least: number, most: number]
  /**
   * Whether it is answered without a token, also where callers need one.
   * @default false
   */
  readonly isOpen?: boolean
  /** Answers with a reply as it is sent. What it throws, or rejects with, becomes an error reply. */
  readonly run: (args: readonly string[], call: Call) => string | Promise<string>
}

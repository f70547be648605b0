import type { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { FastRequest } from './fast/fast-path.ts'

/** The message by which somebody calls, whichever server read it. */
export interface CallMessage {
  /** Stands for it: several requests in one have one token, which is verified once. */
  readonly message: object
  readonly socket: Socket
  /** All values of a field of its header, in their order; `name` in lower case. */
  values(name: string): readonly string[]
  /** A field that is meant to be there once. Of two `authorization` it is the first; others are one text, as Node has them. */
  field(name: string): string | undefined
}

/** The message of a request that Fastify has. */
export function callMessage({ raw }: FastifyRequest): CallMessage {
  return {
    message: raw,
    socket: raw.socket,
    values: (name) => raw.headersDistinct[name] ?? [],
    field: (name) => raw.headers[name]?.toString(),
  }
}

/** The message of a request of the fast path. */
export class FastMessage implements CallMessage {
  readonly message: FastRequest

  constructor(request: FastRequest) {
    this.message = request
  }

  get socket(): Socket {
    return this.message.socket
  }

  values(name: string): readonly string[] {
    return this.message.values(name)
  }

  field(name: string): string | undefined {
    const all = this.message.values(name)
    return all.length > 1 && name !== 'authorization' ? all.join(', ') : all[0]
  }
}

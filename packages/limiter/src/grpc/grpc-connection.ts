import { type ChannelCredentials, type Client, Metadata } from '@grpc/grpc-js'
import type { Fields, RawAnswer, Transport } from '../client/connection.ts'
import { ServiceFailure } from '../client/service-failure.ts'
import { answerOfStatus } from './call-failure.ts'
import { GrpcChannels } from './grpc-channels.ts'
import { SPOKEN, type Spoken } from './question-messages.ts'

/** Where the service is, and how it is reached. */
export interface GrpcTarget {
  readonly target: string
  readonly credentials: ChannelCredentials
  readonly token: string | null
}

/** Asks over gRPC, by connections that grpc-js keeps and makes anew. */
export function grpcConnection({ target, credentials, token }: GrpcTarget): Transport {
  const channels = new GrpcChannels(target, credentials)
  return {
    close: () => channels.close(),
    send: async ({ path, body = {}, deadlineMs, isHeld = false }, signal) => {
      const spoken = SPOKEN[path]
      if (spoken === undefined) throw new ServiceFailure(`does not answer ${path} over gRPC`)
      const metadata = new Metadata()
      if (token !== null) metadata.set('authorization', `Bearer ${token}`)
      const call = { spoken, body: body as Fields, metadata, deadline: Date.now() + deadlineMs, signal }
      return channels.with(isHeld, (client) => ask(client, call))
    },
  }
}

interface Call {
  readonly spoken: Spoken
  readonly body: Fields
  readonly metadata: Metadata
  /** In milliseconds since the Unix epoch. */
  readonly deadline: number
  readonly signal: AbortSignal
}

function ask(client: Client, { spoken, body, metadata, deadline, signal }: Call): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (read: () => RawAnswer): void => {
      try {
        resolve(read())
      } catch (reason) {
        reject(reason)
      }
    }
    const call = client.makeUnaryRequest<Fields, Fields>(
      spoken.path,
      spoken.encode,
      spoken.decode,
      body,
      metadata,
      { deadline },
      (error, answer) => {
        signal.removeEventListener('abort', end)
        if (error === null) resolve({ status: 200, body: answer ?? null, retryAfter: undefined })
        else settle(() => answerOfStatus(error))
      },
    )
    const end = (): void => call.cancel()
    signal.addEventListener('abort', end, { once: true })
  })
}

import { type ChannelCredentials, Client, Metadata } from '@grpc/grpc-js'
import type { Fields, RawAnswer, Transport } from '../client/connection.ts'
import { ServiceFailure } from '../client/service-failure.ts'
import { answerOfStatus } from './call-failure.ts'
import { SPOKEN } from './question-messages.ts'

/** Where the service is, and how it is reached. */
export interface GrpcTarget {
  readonly target: string
  readonly credentials: ChannelCredentials
  readonly token: string | null
}

/** Asks over gRPC, by one connection that grpc-js keeps and makes anew. */
export function grpcConnection({ target, credentials, token }: GrpcTarget): Transport {
  const client = new Client(target, credentials)
  return {
    close: () => client.close(),
    send: async ({ path, body, deadlineMs }, signal) => {
      const spoken = SPOKEN[path]
      if (spoken === undefined) throw new ServiceFailure(`does not answer ${path} over gRPC`)
      const metadata = new Metadata()
      if (token !== null) metadata.set('authorization', `Bearer ${token}`)
      return new Promise<RawAnswer>((resolve, reject) => {
        const call = client.makeUnaryRequest<Fields, Fields>(
          spoken.path,
          spoken.encode,
          spoken.decode,
          (body ?? {}) as Fields,
          metadata,
          { deadline: Date.now() + deadlineMs },
          (error, answer) => {
            signal.removeEventListener('abort', end)
            if (error === null) resolve({ status: 200, body: answer ?? null, retryAfter: undefined })
            else settle(() => answerOfStatus(error))
          },
        )
        const settle = (read: () => RawAnswer): void => {
          try {
            resolve(read())
          } catch (reason) {
            reject(reason)
          }
        }
        const end = (): void => call.cancel()
        signal.addEventListener('abort', end, { once: true })
      })
    },
  }
}

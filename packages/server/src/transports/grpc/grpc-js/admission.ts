import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js'
import type { Service } from '../../../service/service.ts'
import { TOO_LATE } from '../call-ends.ts'
import { MESSAGE_TIMEOUT_MS } from '../grpc-limits.ts'
import { readToken } from '../read-token.ts'
import type { RpcMethod } from '../rpc-method.ts'
import { statusOf } from './status-of.ts'

/**
 * Looks at calls before anything of their messages is kept: whoever has no token where one is needed ends there, and so does a
 * call whose first message takes too long to arrive.
 */
export function admission(service: Service, methods: readonly RpcMethod[]): ServerInterceptor {
  const open = new Set(methods.filter(({ isOpen }) => isOpen === true).map(({ type }) => type.path))
  return ({ path }, call) => {
    let late: NodeJS.Timeout | undefined
    const arrived = (): void => clearTimeout(late)
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, goOn) => {
            try {
              if (!open.has(path)) checkToken(service, metadata)
            } catch (reason) {
              call.sendStatus(statusOf(service, reason))
              return
            }
            late = setTimeout(() => call.sendStatus(statusOf(service, TOO_LATE)), MESSAGE_TIMEOUT_MS).unref()
            goOn(metadata)
          },
          onReceiveMessage: (message, goOn) => {
            arrived()
            goOn(message)
          },
          onReceiveHalfClose: (goOn) => {
            arrived()
            goOn()
          },
          onCancel: arrived,
        }),
    })
  }
}

/** Whether there is a token where one is needed; the call itself counts as one of its requests. */
function checkToken(service: Service, metadata: Metadata): void {
  const { access } = service.configuration()
  if (!access.isOpen) access.find(readToken({ header: (name) => metadata.get(name).map(String) }))
}

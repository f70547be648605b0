import type { Socket } from 'node:net'
import {
  experimental,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
} from '@grpc/grpc-js'

/**
 * A connection that `node:http2` reads by JavaScript and not by itself. Of a thread that ends it would go on to read what has arrived
 * when no JavaScript runs any more, find streams that nobody has prepared, and abort the process with all other threads
 * (nodejs/node#38418, #64850): that needs a connection whose handle it knows.
 */
export function scriptedSocket(socket: Socket): Socket {
  return new Proxy(socket, {
    get: (target, name) => {
      if (name === '_handle') return undefined
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** What calls of such a connection are admitted with: it has no address by itself, so that they are told whose it is. */
export function credentialsOf(peer: string): ServerCredentials {
  class CallOfPeer extends ServerInterceptingCall {
    override getPeer(): string {
      return peer
    }
  }
  const tellPeer = (_: unknown, call: ServerInterceptingCallInterface): ServerInterceptingCall =>
    new CallOfPeer(call)
  return experimental.createServerCredentialsWithInterceptors(ServerCredentials.createInsecure(), [tellPeer])
}

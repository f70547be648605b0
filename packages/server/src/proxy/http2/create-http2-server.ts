import type { IncomingMessage, RequestListener, Server, ServerOptions, ServerResponse } from 'node:http'
import { createSecureServer, type ServerHttp2Stream } from 'node:http2'
import { HEADER_BYTES_CEILING } from '../../service/proxy-settings/proxy-settings.ts'
import { IncomingStream } from './incoming-stream.ts'
import { OpenSessions } from './open-sessions.ts'
import { OutgoingStream } from './outgoing-stream.ts'
import { readStreamFields } from './stream-fields.ts'

/** Most requests at once on one connection. */
const STREAMS_MAX = 100
/** More fields than `maxHeaders` can allow: the proxy answers better than a stream that is reset. */
const FIELDS_MAX = 1100
/** Most memory of one connection, in millions of bytes. */
const SESSION_MEGABYTES_MAX = 10
/** Most streams that a client may open beyond what it was told, and most frames that are wrong. */
const REJECTED_MAX = 100
const INVALID_MAX = 100
/** Streams that a client may reset: so many at once, and so many a second. */
const RESETS_AT_ONCE = 200
const RESETS_PER_SECOND = 50

/** Who gets the requests. */
export interface RequestTakers {
  /** Those of HTTP/1.1. */
  readonly onRequest: RequestListener
  /** Those of HTTP/2, which have of the others as much as the proxy makes use of. */
  readonly onStream: (message: IncomingMessage, response: ServerResponse, waitsForContinue: boolean) => void
  /** Whether clients are asked to send requests elsewhere. */
  readonly isLeaving: () => boolean
}

/** A server that speaks HTTP/2 and HTTP/1.1, as clients ask for. */
export interface Http2Server {
  /** Has all of a server of HTTP/1.1 but `closeAllConnections`. */
  readonly server: Server
  readonly sessions: OpenSessions
}

/** Creates a server by the options of one of HTTP/1.1 and of TLS. Upgrades and expectations of HTTP/1.1 are events as usual. */
export function createHttp2Server(
  options: ServerOptions,
  { onRequest, onStream, isLeaving }: RequestTakers,
): Http2Server {
  const sessions = new OpenSessions()
  const server = createSecureServer({
    ...options,
    allowHTTP1: true,
    maxHeaderListPairs: FIELDS_MAX,
    maxSessionMemory: SESSION_MEGABYTES_MAX,
    maxSessionRejectedStreams: REJECTED_MAX,
    maxSessionInvalidFrames: INVALID_MAX,
    streamResetBurst: RESETS_AT_ONCE,
    streamResetRate: RESETS_PER_SECOND,
    settings: {
      enablePush: false,
      maxConcurrentStreams: STREAMS_MAX,
      maxHeaderListSize: 2 * HEADER_BYTES_CEILING,
    },
  })
  server.on('session', (session) => sessions.add(session))
  server.on('request', onRequest as never)
  // Node would make an object of each stream as well, and tell that listener.
  server.removeAllListeners('stream')
  server.on('stream', (stream: ServerHttp2Stream, ...[, , raw]: [unknown, unknown, string[]]) => {
    const session = sessions.of(stream.session)
    if (session === undefined) {
      stream.destroy()
      return
    }
    session.count(stream)
    if (isLeaving()) session.leave()
    const head = readStreamFields(raw, !stream.endAfterHeaders)
    const message = new IncomingStream(stream, head, session.peer) as unknown as IncomingMessage
    const response = new OutgoingStream(stream) as unknown as ServerResponse
    onStream(message, response, head.rawHeaders.includes('expect'))
  })
  return { server: server as unknown as Server, sessions }
}

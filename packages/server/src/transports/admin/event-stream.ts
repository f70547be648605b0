import { Readable } from 'node:stream'
import type { Viewer } from '../../service/observe/watchers.ts'

/** How long a client waits before it connects anew, in milliseconds. */
const RETRY_MS = 2000
/** Whoever has more bytes than this waiting reads too slowly. */
const WAITING_MAX = 256 * 1024

/** Server-sent events (HTML, section 9.2) as a body, and what writes them. */
export interface EventStream {
  readonly body: Readable
  readonly viewer: Viewer
}

/** Begins a stream of events; one that is not read in time is cut off. */
export function createEventStream(): EventStream {
  const body = new Readable({ read: () => {} })
  body.push(`retry: ${RETRY_MS}\n\n`)
  return {
    body,
    viewer: {
      send: (event, json) => {
        if (body.destroyed) return false
        // JSON has no line ends.
        body.push(`event: ${event}\ndata: ${json}\n\n`)
        if (body.readableLength <= WAITING_MAX) return true
        body.destroy()
        return false
      },
      end: () => void body.push(null),
    },
  }
}

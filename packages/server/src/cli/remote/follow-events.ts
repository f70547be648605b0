import type { IncomingMessage } from 'node:http'
import { CommandFailure, EXIT } from '../exit.ts'
import { checkStream } from './ask.ts'
import type { Connection } from './connection-of.ts'
import { eventsIn, type StreamEvent } from './event-lines.ts'
import { requestService } from './request-service.ts'
import { connectFailure } from './service-failures.ts'
import type { Terminal } from './terminal.ts'

/** What comes of a service that is watched; `open` is ours: from then on nothing is missed. */
export type FollowedEvent = StreamEvent | { readonly name: 'open'; readonly data: '' }

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000

/**
 * The events of a service, until the command is to end: connects anew where the stream ends or nothing comes. Throws where the
 * first connection fails, or the service refuses.
 */
export async function* followEvents(
  connection: Connection,
  terminal: Terminal,
): AsyncGenerator<FollowedEvent> {
  let waitMs = FIRST_WAIT_MS
  let isFirst = true
  while (!terminal.signal.aborted) {
    try {
      for await (const event of eventsOnce(connection, terminal.signal)) {
        isFirst = false
        // Whoever takes a connection and gives nothing is not back yet.
        if (event.name !== 'open') waitMs = FIRST_WAIT_MS
        yield event
      }
      terminal.warn(`${connection.url.shown} ended the stream; connecting anew`)
    } catch (reason) {
      if (terminal.signal.aborted) return
      if (!(reason instanceof CommandFailure)) throw reason
      if (isFirst || reason.exitCode !== EXIT.unanswered) throw reason
      terminal.warn(reason.message)
    }
    await terminal.sleep(waitMs)
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)
  }
}

/** The events of one connection, which is given up where nothing comes for the timeout: a snapshot is due every second. */
async function* eventsOnce(connection: Connection, ended: AbortSignal): AsyncGenerator<FollowedEvent> {
  const late = new AbortController()
  const giveUp = (): void => late.abort(new DOMException('nothing came', 'TimeoutError'))
  const timer = setTimeout(giveUp, connection.timeoutMs)
  const signal = AbortSignal.any([ended, late.signal])
  let response: IncomingMessage | undefined
  try {
    const asked = { method: 'GET', path: '/v1/events', accept: 'text/event-stream', signal } as const
    response = await requestService(connection, asked)
    await checkStream(connection, response)
    yield { name: 'open', data: '' }
    for await (const event of eventsIn(response.setEncoding('utf8'))) {
      timer.refresh()
      yield event
    }
  } catch (reason) {
    if (reason instanceof CommandFailure) throw reason
    throw connectFailure(connection, signal.aborted ? signal.reason : reason)
  } finally {
    clearTimeout(timer)
    response?.destroy()
  }
}

import type { IncomingMessage } from 'node:http'
import { CommandFailure, EXIT } from '../exit.ts'
import { checkStream } from '../remote/ask.ts'
import type { Connection } from '../remote/connection-of.ts'
import { requestService } from '../remote/request-service.ts'
import { connectFailure } from '../remote/service-failures.ts'
import type { WantedRequests } from './record-flags.ts'

const NDJSON = 'application/x-ndjson'

/** A recording that runs. */
export interface OpenedRecording {
  /** Its lines, without their ends, in the parts in which they come: until it ends. Throws where the connection breaks or falls silent. */
  readonly parts: AsyncIterable<readonly string[]>
  /** Ends it. */
  close(): void
}

/**
 * Begins to record the requests of a service; it goes on until `ended` is aborted or the service ends. Throws where
 * the service refuses.
 */
export async function openRecording(
  connection: Connection,
  { query, seed }: WantedRequests,
  ended: AbortSignal,
): Promise<OpenedRecording> {
  const late = new AbortController()
  const giveUp = (): void => late.abort(new DOMException('nothing came', 'TimeoutError'))
  const timer = setTimeout(giveUp, connection.timeoutMs)
  const signal = AbortSignal.any([ended, late.signal])
  try {
    const response = await requestService(connection, {
      method: 'GET',
      path: `/v1/record${query}`,
      accept: `${NDJSON}, application/problem+json`,
      ...(seed !== undefined && { fields: { 'x-headgate-seed': seed } }),
      signal,
    })
    await checkStream(connection, response, NDJSON)
    const close = (): void => {
      clearTimeout(timer)
      response.destroy()
    }
    return { parts: lines(response, () => void timer.refresh()), close }
  } catch (reason) {
    clearTimeout(timer)
    if (reason instanceof CommandFailure) throw reason
    if (ended.aborted) throw new CommandFailure(EXIT.unanswered, tooEarly(connection))
    throw connectFailure(connection, signal.aborted ? signal.reason : reason)
  }

  async function* lines(response: IncomingMessage, onPart: () => void): AsyncGenerator<readonly string[]> {
    try {
      let rest = ''
      for await (const part of response.setEncoding('utf8') as AsyncIterable<string>) {
        onPart()
        const whole = (rest + part).split('\n')
        rest = whole.pop() ?? ''
        // Blank ones say that the service is there.
        const found = whole.filter((line) => line !== '')
        if (found.length > 0) yield found
      }
    } catch (reason) {
      if (ended.aborted) return
      throw connectFailure(connection, signal.aborted ? signal.reason : reason)
    }
  }
}

function tooEarly({ url }: Connection): string {
  return `It was ended before ${url.shown} had answered, and nothing is recorded; give it longer, as with --for 10s`
}

import type { HttpAnswer } from '../http/answer.ts'
import { EXPOSE, exposeBoth } from '../http/exposed-fields.ts'
import type { ResponseEnd } from '../middleware/exchange.ts'

/** Statuses of responses that have no body. */
const BODILESS: readonly number[] = [101, 204, 205, 304]

/** An answer as a web response. */
export function responseOf(answer: HttpAnswer): Response {
  return new Response(bodyOf(answer), answer)
}

/** The body of an answer as `Response` takes it: a status that has none refuses even an empty one. */
export function bodyOf({ status, body }: HttpAnswer): string | null {
  return body === '' || BODILESS.includes(status) ? null : body
}

/** Sets fields that are not there: inner limits are told with those of outer ones, and the application has the last word. */
export function withFields(response: Response, fields: ReadonlyMap<string, string>): Response {
  try {
    setMissing(response.headers, fields)
    return response
  } catch {
    // Headers of redirects and of fetched responses are immutable.
    const copy = new Response(response.body, response)
    setMissing(copy.headers, fields)
    return copy
  }
}

function setMissing(headers: Headers, fields: ReadonlyMap<string, string>): void {
  for (const [name, value] of fields) {
    if (name === EXPOSE) headers.set(name, exposeBoth(headers.get(name), value))
    else if (!headers.has(name)) headers.set(name, value)
  }
}

/** A response that is watched to its end: at once where it has no body, or where nobody reads it. */
export function watched(response: Response, isRead: boolean, listener: (end: ResponseEnd) => void): Response {
  const { status, body } = response
  const end: EndOfBody = (aborted, bytes) => listener({ status, aborted, bytes })
  if (body !== null && isRead) return new Response(observed(body, end), response)
  end(false, 0)
  return response
}

type EndOfBody = (aborted: boolean, bytes: number) => void

/** The same body, whose end is told: read to its end, cancelled by a client that went away, or failed. */
function observed(body: ReadableStream<Uint8Array>, end: EndOfBody): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let bytes = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read().catch((reason: unknown) => {
          end(true, bytes)
          throw reason
        })
        if (done) {
          controller.close()
          end(false, bytes)
          return
        }
        bytes += value.byteLength
        controller.enqueue(value)
      },
      cancel(reason) {
        end(true, bytes)
        return reader.cancel(reason)
      },
    },
    // Nothing is read before it is asked for.
    { highWaterMark: 0 },
  )
}

import type { HttpAnswer } from '../http/answer.ts'
import { EXPOSE, exposeBoth } from '../http/exposed-fields.ts'
import type { ResponseEnd } from '../middleware/exchange.ts'

/** What a web `Response` is to get once the application has made it. */
export interface ResponsePlan {
  readonly method: string
  /** Fields that are set where the application has not set them itself. */
  readonly fields: ReadonlyMap<string, string>
  readonly listeners: readonly ((end: ResponseEnd) => void)[]
}

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

/** Finishes a response of the application; the same one wherever that is possible. */
export function finishResponse(response: Response, { method, fields, listeners }: ResponsePlan): Response {
  // An upgrade or a network error: what the runtime made for itself cannot be made again.
  if (response.status < 200) return response
  const told = withFields(response, fields)
  if (listeners.length === 0) return told
  const { status, body } = told
  const end: EndOfBody = (aborted, bytes) => {
    for (const listener of listeners) listener({ status, aborted, bytes })
  }
  // Nobody reads the body that answers HEAD.
  if (body === null || method === 'HEAD') {
    end(false, 0)
    return told
  }
  return new Response(observed(body, end), told)
}

/** Sets fields that are not there: inner limits are told with those of outer ones, and the application has the last word. */
function withFields(response: Response, fields: ReadonlyMap<string, string>): Response {
  if (fields.size === 0) return response
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

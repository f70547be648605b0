/** Calls of the admin listener, with the token that a person gave. */

/** An answer that is none: what it says, for people. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  /** Of HTTP; 0 where nobody answered. */
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Where the token is kept, which is this tab alone and until it is closed. */
const TOKEN_ITEM = 'headgate-token'
/** How long an answer is waited for. */
const PATIENCE_MS = 10_000

export class AdminClient {
  /** The address of the listener; paths are beside it. */
  readonly #base: string

  constructor(base: string) {
    this.#base = base
  }

  /** The token; null without one. */
  get token(): string | null {
    return sessionStorage.getItem(TOKEN_ITEM)
  }

  set token(token: string | null) {
    if (token === null) sessionStorage.removeItem(TOKEN_ITEM)
    else sessionStorage.setItem(TOKEN_ITEM, token)
  }

  /** The answer to a GET. Rejects with `CallFailed`. */
  async get<T>(path: string): Promise<T> {
    return this.#json(path, {})
  }

  /** The answer to a POST. Rejects with `CallFailed`. */
  async post<T>(path: string, body: object): Promise<T> {
    const headers = { 'content-type': 'application/json' }
    return this.#json(path, { method: 'POST', headers, body: JSON.stringify(body) })
  }

  /** The body of the event source. Rejects with `CallFailed`. */
  async events(signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const { body } = await this.#fetch('v1/events', { signal })
    if (body === null) throw new CallFailed(0, 'the event source has no body')
    return body
  }

  async #json<T>(path: string, init: RequestInit): Promise<T> {
    const response = await this.#fetch(path, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) })
    return (await response.json()) as T
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const { token } = this
    const headers = { ...init.headers, ...(token !== null && { authorization: `Bearer ${token}` }) }
    const response = await fetch(new URL(path, this.#base), { ...init, headers, cache: 'no-store' }).catch(
      (reason: unknown) => {
        throw new CallFailed(0, isTimeout(reason) ? 'no answer in time' : 'nobody answers')
      },
    )
    if (!response.ok) throw new CallFailed(response.status, await problemText(response))
    return response
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

/** The detail of a problem document (RFC 9457), which says what to do. */
async function problemText(response: Response): Promise<string> {
  try {
    const { detail, title } = (await response.json()) as { readonly detail?: string; readonly title?: string }
    return detail ?? title ?? `status ${response.status}`
  } catch {
    return `status ${response.status}`
  }
}

import { fieldsOf, type Question, readBody, type Transport } from './connection.ts'
import type { RemoteConfig } from './remote-options.ts'

/**
 * Asks by `fetch`, where there is no `node:http`. The runtime keeps the connections: how many, and whether one is new, is not
 * for a program to say.
 */
export function fetchTransport(config: RemoteConfig): Transport {
  const base = config.url.href.replace(/\/$/, '')
  /** Calls under way: `fetch` has nothing else that could be closed. */
  const calls = new Set<AbortController>()
  return {
    close() {
      for (const call of calls) call.abort(new Error('closed'))
    },
    async send(question, signal) {
      const { method, path, body } = question
      const call = new AbortController()
      const end = (): void => call.abort(signal.reason)
      calls.add(call)
      signal.addEventListener('abort', end, { once: true })
      try {
        const response = await fetch(base + path, {
          method,
          headers: fieldsOf(question, config),
          redirect: 'manual',
          signal: call.signal,
          ...(body !== undefined && bodyOf(question)),
        })
        const retryAfter = response.headers.get('retry-after') ?? undefined
        return { status: response.status, body: await readBody(response.body ?? []), retryAfter }
      } finally {
        calls.delete(call)
        signal.removeEventListener('abort', end)
      }
    },
  }
}

/**
 * A body that may have been spent cannot be read twice: any other body `fetch` may send again, and in Deno does, where a connection
 * breaks that was kept.
 */
function bodyOf({ body, isRepeatable }: Question): object {
  const text = JSON.stringify(body)
  return isRepeatable ? { body: text } : { body: new Blob([text]).stream(), duplex: 'half' }
}

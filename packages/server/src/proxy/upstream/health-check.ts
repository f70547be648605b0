import type { Clock } from 'headgate'
import { type buildConnector, Client, type Dispatcher } from 'undici'
import type { TargetPlace } from './connect-target.ts'

/** What is asked for. */
export interface HealthCheckOptions {
  readonly place: TargetPlace
  readonly path: string
  readonly connect: buildConnector.connector
  readonly clock: Clock
  readonly timeoutMs: number
}

/**
 * Asks a target for a path, on a connection of its own: `onResult` gets null where it answers below 400, else a sentence that says
 * what is wrong. What is answered ends the check, and calls nothing.
 */
export function checkHealth(
  { place, path, connect, clock, timeoutMs }: HealthCheckOptions,
  onResult: (mistake: string | null) => void,
): () => void {
  const client = new Client(place.origin, { connect, headersTimeout: 0, bodyTimeout: 0 })
  let isDone = false
  const end = (): void => {
    isDone = true
    cancelTimeout()
    // The client of HTTP may be what calls.
    setImmediate(() => client.destroy(() => {}))
  }
  const settle = (mistake: string | null): void => {
    if (isDone) return
    end()
    onResult(mistake)
  }
  const cancelTimeout = clock.after(timeoutMs, () => settle(`It did not answer ${path} in ${timeoutMs} ms.`))
  const handler: Dispatcher.DispatchHandler = {
    onConnect() {},
    onHeaders(status) {
      if (status >= 200) settle(status < 400 ? null : `It answered ${path} with ${status}.`)
      return true
    },
    onData: () => true,
    onComplete() {},
    onError: () => settle(`It did not answer ${path}: the connection failed.`),
  }
  client.dispatch({ method: 'GET', path, headers: ['user-agent', 'headgate-health'] }, handler)
  return () => {
    if (!isDone) end()
  }
}

/** An app that knows nothing of limits. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StockApp extends AsyncDisposable {
  readonly port: number
  /** Paths of the requests that reached it. */
  readonly seen: string[]
  readonly requests: IncomingMessage[]
}

/** Start it with `await using app = await stockApp()`. What is asked under `/chat` costs it 1,500 tokens. */
export async function stockApp(): Promise<StockApp> {
  const seen: string[] = []
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    const { url = '' } = request
    seen.push(url)
    requests.push(request)
    if (url.startsWith('/chat')) response.setHeader('x-tokens-used', 1500)
    response.end('the app')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

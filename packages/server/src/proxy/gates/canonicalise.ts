import type { Exchange } from '../proxy-exchange.ts'
import { isAnswer } from '../request/compile-request-reader.ts'
import type { Stage } from '../stage.ts'

export const canonicalise: Stage = {
  name: 'canonical request',
  does: 'Reads the request in the one form in which it is judged and forwarded: whose it is and whether `clients` lets them in, how long its header is, framing, method, host, path.',
  answers: [
    [403, 'address-denied'],
    [431, 'headers-too-large'],
    [505, 'bad-request'],
    [400, 'bad-request'],
    [414, 'bad-request'],
    [417, 'bad-request'],
    [405, 'method-not-allowed'],
    [421, 'unknown-host'],
  ],
  run: (exchange: Exchange) => {
    const { proxy, message, response } = exchange
    const read = proxy.reader.read(message)
    if (proxy.reader.isLast(message)) response.shouldKeepAlive = false
    if (isAnswer(read)) return read
    exchange.take(read, proxy.routes.find(read.path))
    return null
  },
}

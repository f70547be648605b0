import type { Duplex } from 'node:stream'
import type { Exchange } from '../proxy-exchange.ts'
import { clientFields } from '../respond/client-fields.ts'
import { endExchange } from '../respond/end-exchange.ts'
import { FrameTracker } from './frame-tracker.ts'

/** What a target answered that changes to WebSocket. */
export interface Upgraded {
  /** End-to-end fields of its answer, in flat pairs. */
  readonly fields: readonly string[]
  /** Has all that it sent after that. */
  readonly socket: Duplex
}

/** A close frame of a server that goes away: 1001. RFC 6455, sections 5.5.1 and 7.4.1. */
const GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9])
/** How long a client gets to answer it. */
const GOODBYE_MS = 1000
const NOTHING = Buffer.alloc(0)

/** Passes a client its upgrade, and then everything from either side to the other, until one of them ends or both fall silent. */
export function joinSockets(exchange: Exchange, { fields, socket: upstream }: Upgraded): void {
  const { message, response, proxy, route } = exchange
  const client = message.socket
  response.detachSocket(client)
  exchange.status = 101
  client.write(headOf(exchange, fields), 'latin1')
  const frames = new FrameTracker()
  let isEnding = false
  let goodbye: NodeJS.Timeout | undefined
  const sayGoodbye = (): void => {
    if (!isEnding || goodbye !== undefined || !frames.isBetween) return
    upstream.unpipe(client)
    client.write(GOING_AWAY)
    goodbye = setTimeout(() => tunnel.destroy(), GOODBYE_MS)
  }
  const tunnel = route.group.tunnel({
    client,
    // Is in front of what the socket still has to read.
    clientHead: NOTHING,
    upstream,
    onEnd: ({ bytesToClient }) => {
      clearTimeout(goodbye)
      forget()
      exchange.bytesOut = bytesToClient
      endExchange(exchange)
    },
  })
  upstream.on('data', (chunk: Buffer) => {
    frames.feed(chunk)
    sayGoodbye()
  })
  const forget = proxy.tunnels.add({
    end: () => {
      isEnding = true
      sayGoodbye()
    },
    destroy: () => tunnel.destroy(),
  })
}

function headOf(exchange: Exchange, fields: readonly string[]): string {
  const all = ['connection', 'Upgrade', 'upgrade', 'websocket']
  all.push(...clientFields(exchange, { fields, isOwn: false }))
  let head = 'HTTP/1.1 101 Switching Protocols\r\n'
  for (let i = 0; i < all.length; i += 2) head += `${all[i]}: ${all[i + 1]}\r\n`
  return `${head}\r\n`
}

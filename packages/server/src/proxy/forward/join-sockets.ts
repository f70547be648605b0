import type { Socket } from 'node:net'
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

/** Passes a client its upgrade, and then everything from either side to the other, until one of them ends or both fall silent. */
export function joinSockets(exchange: Exchange, { fields, socket: target }: Upgraded): void {
  const { message, response, proxy, route } = exchange
  const client: Socket = message.socket
  response.detachSocket(client)
  exchange.status = 101
  const sentBefore = client.bytesWritten
  const frames = new FrameTracker()
  let isEnding = false
  let goodbye: NodeJS.Timeout | undefined
  const destroy = (): void => {
    client.destroy()
    target.destroy()
  }
  const sayGoodbye = (): void => {
    if (!isEnding || goodbye !== undefined || !frames.isBetween) return
    target.off('data', fromTarget)
    client.write(GOING_AWAY)
    goodbye = setTimeout(destroy, GOODBYE_MS)
  }
  const fromTarget = (chunk: Buffer): void => {
    frames.feed(chunk)
    if (!client.write(chunk)) target.pause()
    sayGoodbye()
  }
  const forget = proxy.tunnels.add({
    end: () => {
      isEnding = true
      sayGoodbye()
    },
    destroy,
  })
  client.write(headOf(exchange, fields))
  client.setTimeout(route.idleMs, destroy)
  target.on('data', fromTarget)
  client.on('drain', () => target.resume())
  target.once('end', () => client.end())
  client.pipe(target)
  for (const one of [client, target]) {
    one.on('error', destroy)
    one.once('close', destroy)
  }
  client.once('close', () => {
    clearTimeout(goodbye)
    forget()
    exchange.bytesOut = client.bytesWritten - sentBefore
    endExchange(exchange)
  })
}

function headOf(exchange: Exchange, fields: readonly string[]): string {
  const all = ['connection', 'Upgrade', 'upgrade', 'websocket']
  all.push(...clientFields(exchange, { fields, isOwn: false }))
  let head = 'HTTP/1.1 101 Switching Protocols\r\n'
  for (let i = 0; i < all.length; i += 2) head += `${all[i]}: ${all[i + 1]}\r\n`
  return `${head}\r\n`
}

import { once } from 'node:events'
import { connect } from 'node:net'
import type { Redis } from 'ioredis'

/** A line of the feed: `+time [database client] "command" …`, with `lua` in place of the client when a script calls. */
const fromClient = /^\+[0-9.]+ \[[0-9]+ (?!lua\])/

/** Commands that clients sent while `work` ran, as Redis itself reports them; those a script ran are not among them. */
export async function countCommands(redis: Redis, work: () => Promise<void>): Promise<number> {
  const end = `end-${process.pid}`
  const socket = connect(redis.options.port ?? 0, '127.0.0.1')
  let rest = ''
  let count = 0
  let ended = false
  socket.setEncoding('latin1').on('data', (text) => {
    const lines = `${rest}${text}`.split('\r\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      ended ||= line.includes(end)
      if (!ended && fromClient.test(line)) count++
    }
  })
  socket.write('MONITOR\r\n')
  await once(socket, 'data')
  await work()
  await redis.echo(end)
  while (!ended) await once(socket, 'data')
  socket.destroy()
  return count
}

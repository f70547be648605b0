/**
 * What sockets and the frames of the Redis protocol cost in Node at least: finds where commands end by the lengths they begin
 * with, reads none of them, and answers each with the same five numbers. Prints where it listens as the service does.
 */
import { type AddressInfo, createServer } from 'node:net'

const LF = 10
const REPLY = '*5\r\n:0\r\n:30000000\r\n:29999999\r\n:-1\r\n:32\r\n'

const server = createServer((socket) => {
  let rest: Buffer = Buffer.alloc(0)
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let commands = 0
    let start = 0
    for (let end = endOf(bytes, start); end !== -1; end = endOf(bytes, start)) {
      start = end
      commands++
    }
    rest = bytes.subarray(start)
    if (commands > 0) socket.write(REPLY.repeat(commands), 'latin1')
  })
})
process.on('message', () => process.send?.(process.cpuUsage()))
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}` }))
})

/** Where the command ends that begins at `start`; -1 where it is not whole. */
function endOf(bytes: Buffer, start: number): number {
  let at = start
  let values = 1
  for (let left = values; left > 0; left--) {
    let value = 0
    let i = at + 1
    for (; i < bytes.length && bytes[i] !== LF; i++) {
      const digit = (bytes[i] as number) - 48
      if (digit >= 0) value = value * 10 + digit
    }
    if (i >= bytes.length) return -1
    if (at === start) {
      values = value
      left += values
      at = i + 1
    } else at = i + 1 + value + 2
    if (at > bytes.length) return -1
  }
  return at
}

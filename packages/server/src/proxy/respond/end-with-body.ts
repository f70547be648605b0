import type { ServerResponse } from 'node:http'
import { endResponse } from './end-response.ts'

/** Largest body that is copied to be sent with the head: Node writes texts up to this size without allocating. */
export const JOINED_BYTES_MAX = 16 * 1024

/** Ends a response, whose head is not sent yet, with all of its body: one write of one text, for which a list of pieces costs twice as much. */
export function endWithBody(response: ServerResponse, body: Buffer): void {
  const { socket } = response
  // Behind other responses of its connection it has no socket yet.
  if (socket === null) {
    endResponse(response, body)
    return
  }
  // Node joins the head with a text alone, and would end the response with another piece while something waits to be written.
  socket.cork()
  response.write(body.toString('latin1'), 'latin1')
  socket.uncork()
  endResponse(response)
}

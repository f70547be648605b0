import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { BODY_LIMIT } from './body-limit.ts'

/**
 * Reads a body that nobody looks at, so that the connection can be used again. After 64 KiB it is left where it is, and the
 * answer closes the connection.
 */
export async function discardBody({ raw }: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (hasBody(raw) && !(await endsInTime(raw))) void reply.header('connection', 'close')
}

/** RFC 9112, section 6.3. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

async function endsInTime(message: IncomingMessage): Promise<boolean> {
  if (Number(message.headers['content-length'] ?? 0) > BODY_LIMIT) return false
  let size = 0
  // The connection is still needed for the answer.
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > BODY_LIMIT) return false
  }
  return true
}

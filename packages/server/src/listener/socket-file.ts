import { once } from 'node:events'
import { lstat, stat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'

/** Why the path of a Unix socket cannot be taken, as the code of an error. */
type Occupied = 'EADDRINUSE' | 'ENOTDIR' | 'ENOTSOCK'

/** Removes the file of a Unix socket that nobody listens on any more; rejects, with the code of the reason, where anything else is there. */
export async function makeWay(path: string): Promise<void> {
  // The system would say that rights are missing.
  if (!(await stat(dirname(path))).isDirectory()) throw occupied('ENOTDIR')
  const stats = await lstat(path).catch(ignoreMissing)
  if (stats === null) return
  if (!stats.isSocket()) throw occupied('ENOTSOCK')
  if (await isAnswered(path)) throw occupied('EADDRINUSE')
  await unlink(path).catch(ignoreMissing)
}

/** Whether anybody listens. Only a refusal says that nobody does: a queue that is full, or a lack of rights, is somebody. */
async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch (reason) {
    return (reason as NodeJS.ErrnoException).code !== 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}

function ignoreMissing(reason: NodeJS.ErrnoException): null {
  if (reason.code === 'ENOENT') return null
  throw reason
}

function occupied(code: Occupied): Error {
  return Object.assign(new Error(code), { code })
}

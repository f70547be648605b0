import type { ListenPort } from '../listener/listen-address.ts'
import { wrongUsage } from '../service/describe-failure.ts'

/** Linux keeps 108 bytes for the path of a socket, the last of which is zero. */
const PATH_BYTES_MAX = 107

/** Reads where a transport listens: a port, the path of a Unix socket, or `off`. `said` is the flag or the variable. */
export function readListenPort(text: string, said: string): ListenPort {
  if (text === 'off') return text
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  const shown = JSON.stringify(text)
  if (!text.includes('/') || text.includes('://')) {
    const fix = `give ${said} a number from 0 to 65535, a path with a slash for a Unix socket, or off`
    throw wrongUsage(`${shown} is not a port; ${fix}`)
  }
  if (text.endsWith('/') || text.includes('\0')) {
    throw wrongUsage(
      `${shown} is not the path of a Unix socket; give ${said} one such as /run/headgate/http.sock`,
    )
  }
  if (Buffer.byteLength(text) > PATH_BYTES_MAX) {
    throw wrongUsage(`${shown} is too long for a Unix socket; give ${said} at most ${PATH_BYTES_MAX} bytes`)
  }
  return { path: text }
}

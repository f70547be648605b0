import { dirname } from 'node:path'
import {
  isSocketAddress,
  type ListenAddress,
  type PortAddress,
  type SocketAddress,
} from './listen-address.ts'

/** What a person is told where a server cannot listen. */
export function listenFailure(
  cause: unknown,
  address: ListenAddress,
  { flag }: { readonly flag: string },
): Error {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException
  const message = isSocketAddress(address)
    ? socketMessage(code, address, flag)
    : portMessage(code, address, flag)
  return new Error(message, { cause })
}

function portMessage(code: string, { host, port }: PortAddress, flag: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is in use; stop what listens there, or give another with ${flag}`
    case 'EACCES':
      return `port ${port} needs more rights; give one above 1023 with ${flag}`
    default:
      return `cannot listen on ${host}, port ${port} (${code}); check ${flag.replace(/port$/, 'host')}`
  }
}

function socketMessage(code: string, { path }: SocketAddress, flag: string): string {
  const folder = dirname(path)
  switch (code) {
    case 'EADDRINUSE':
      return `somebody listens on ${path}; stop that, or give another path with ${flag}`
    case 'ENOTSOCK':
      return `${path} is there and is no socket; remove it, or give another path with ${flag}`
    case 'ENOENT':
    case 'ENOTDIR':
      return `there is no folder ${folder}; make it, or give another path with ${flag}`
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `cannot make a socket in ${folder} (${code}); give this user the right to write there, or another path with ${flag}`
    default:
      return `cannot listen on ${path} (${code}); give another path with ${flag}`
  }
}

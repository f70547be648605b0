import { wrongUsage } from '../../service/describe-failure.ts'

/** Where a service listens. */
export interface ServiceUrl {
  /** As it may be shown. */
  readonly shown: string
  readonly isTls: boolean
  /** Whether what is sent there leaves this machine. */
  readonly isRemote: boolean
  /** Where to connect, as `node:http` takes it. */
  readonly target: { readonly host: string; readonly port: number } | { readonly socketPath: string }
  /** What stands before the paths of the API. */
  readonly path: string
}

/** Reads the URL of a service: `http://…`, `https://…` or `unix:/path`. `said` is the flag or the variable. */
export function readServiceUrl(text: string, said: string): ServiceUrl {
  if (text.startsWith('unix:')) return socketAt(text.slice('unix:'.length), said)
  const url = URL.canParse(text) ? new URL(text) : null
  const form = 'write http://127.0.0.1:8080, https://… or unix:/path'
  // Not repeated, since it may have a secret.
  if (url === null || !/^https?:$/.test(url.protocol))
    throw wrongUsage(`${said} is no URL of a service; ${form}`)
  if (url.username !== '' || url.password !== '') {
    throw wrongUsage(`${said} has a user or a password, which would stand in listings of processes; ${form}`)
  }
  if (url.search !== '' || url.hash !== '')
    throw wrongUsage(`${said} ends with its path; leave out what ? and # begin`)
  const path = url.pathname.replace(/\/+$/, '')
  // Without the brackets of an IPv6 address.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isTls = url.protocol === 'https:'
  const port = Number(url.port) || (isTls ? 443 : 80)
  return {
    shown: url.origin + path,
    isTls,
    isRemote: !/^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host),
    target: { host, port },
    path,
  }
}

function socketAt(path: string, said: string): ServiceUrl {
  if (!path.startsWith('/')) {
    throw wrongUsage(`${said} names no Unix socket; write its whole path, as in unix:/run/headgate/http.sock`)
  }
  return { shown: `unix:${path}`, isTls: false, isRemote: false, target: { socketPath: path }, path: '' }
}

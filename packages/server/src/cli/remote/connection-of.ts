import { readFileSync } from 'node:fs'
import { wrongUsage } from '../../service/describe-failure.ts'
import type { ServiceUrl } from './read-service-url.ts'
import type { ConnectionOptions } from './remote-flags.ts'
import type { Terminal } from './terminal.ts'

/** A service, and how it is asked. */
export interface Connection {
  readonly url: ServiceUrl
  /** The flag by which another one is named. */
  readonly flag: '--url' | '--admin-url'
  readonly token: string | null
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly timeoutMs: number
}

/** Reads what files and variables have of a connection. */
export function connectionOf(
  { url, flag, ...options }: ConnectionOptions & Pick<Connection, 'url' | 'flag'>,
  { env, warn }: Pick<Terminal, 'env' | 'warn'>,
): Connection {
  const { tokenFile, ca, clientCert, clientKey, timeout } = options
  if ((clientCert === undefined) !== (clientKey === undefined)) {
    throw wrongUsage('a certificate goes with its key; give both --client-cert and --client-key, or neither')
  }
  const token = readToken(tokenFile, env['HEADGATE_TOKEN'])
  if (token !== null && url.isRemote && !url.isTls) {
    warn(`warning: the token travels to ${url.shown} readable by everybody on the way; use https`)
  }
  const tls = {
    ...(ca !== undefined && { ca: readFile(ca, '--ca') }),
    ...(clientCert !== undefined && { cert: readFile(clientCert, '--client-cert') }),
    ...(clientKey !== undefined && { key: readFile(clientKey, '--client-key') }),
  }
  return { url, flag, token, tls, timeoutMs: timeout }
}

function readToken(file: string | undefined, variable = ''): string | null {
  if (file === undefined && variable === '') return null
  const token = file === undefined ? variable : readFile(file, '--token-file').trim()
  // As RFC 6750 spells it; anything else could end the header field. It is not repeated.
  if (/^[\w.~+/-]+=*$/.test(token)) return token
  const where = file === undefined ? 'HEADGATE_TOKEN' : `the file of --token-file, ${file},`
  throw wrongUsage(`${where} has no token; one is a line such as hgt_… and nothing else`)
}

function readFile(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (reason) {
    const { code = 'unknown error' } = reason as NodeJS.ErrnoException
    throw wrongUsage(`${path} cannot be read (${code}); give ${flag} a file that can`)
  }
}

import { checkFields } from '../../../core/validate.ts'
import type { RedisAddress, RedisConnectionOptions } from './connection-options.ts'

// TLS, kind, user, password, hosts, path and query.
const FORM =
  /^(?:redis(s)?(?:\+(cluster|sentinel|unix))?|(unix)):\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([\w.,:[\]-]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/

/** Options that a URL may have as query parameters. */
const PARAMETERS = ['db', 'connections', 'sentinelUsername', 'sentinelPassword']

/** Parses a URL, or throws. The values of the fields are checked later, with the other options. */
export function parseUrl(url: string): RedisConnectionOptions {
  const found = FORM.exec(url)
  if (found === null) throw new SyntaxError('no URL of Redis')
  const [, tls, plus, unix, username = '', password = '', hosts = '', path = '', query] = found
  const { name, db, ...target } = targetOf(plus ?? unix, hosts, decodeURIComponent(path))
  // This is a URL and no form, in which a plus would be a blank.
  const parameters = Object.fromEntries(new URLSearchParams(query?.replaceAll('+', '%2B')))
  checkFields(parameters, PARAMETERS, url)
  const texts = { username: decodeURIComponent(username), password: decodeURIComponent(password), name, db }
  return {
    ...target,
    ...Object.fromEntries(
      Object.entries({ ...texts, ...parameters }).flatMap(([field, text]) =>
        text ? [[field, /^(db|connections)$/.test(field) ? Number(text) : text]] : [],
      ),
    ),
    ...(tls && { tls: {} }),
  }
}

interface Target extends Pick<RedisConnectionOptions, 'host' | 'port' | 'path' | 'nodes' | 'sentinels'> {
  readonly name?: string | undefined
  readonly db?: string | undefined
}

function targetOf(kind: string | undefined, hosts: string, path: string): Target {
  const addresses = hosts.split(',').map(addressOf)
  if (kind === 'unix') return { path: hosts || !path ? '' : `/${path}` }
  if (kind === 'cluster') return { nodes: addresses, db: path }
  if (kind === 'sentinel') {
    const slash = `${path}/`.indexOf('/')
    return { sentinels: addresses, name: path.slice(0, slash), db: path.slice(slash + 1) }
  }
  return { ...(addresses.length === 1 && addresses[0]), db: path }
}

function addressOf(text: string): RedisAddress {
  const [, v6, name = '', port] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? []
  return { host: v6 ?? name, ...(port && { port: Number(port) }) }
}

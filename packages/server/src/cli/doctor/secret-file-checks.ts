import { statSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import type { ConfigSource } from '../../config/source/config-source.ts'
import { type Finding, findingsOf } from './redis/finding.ts'

const READABLE_BY_OTHERS = 0o004

/** Whether files with secrets are kept from other users of this machine. */
export function secretFileChecks(config: Config, source: ConfigSource): Finding[] {
  const secrets = secretsOf(config)
  const withSecrets = source.texts.filter(({ text }) => secrets.some((secret) => text.includes(secret)))
  const files = withSecrets.map(({ file }) => file)
  const { tls } = config
  if (tls !== undefined) files.push(tls.keyFile, ...tls.certificates.map(({ keyFile }) => keyFile))
  const { ok, warning } = findingsOf('secret-files')
  const open = files.filter(isReadableByOthers)
  if (open.length === 0) return [ok('no file with a secret of the configuration can be read by everybody')]
  return open.map((file) =>
    warning(`every user of this machine can read the secrets in ${file}`, `chmod o-r ${file}`),
  )
}

/** Passwords of stores as their URLs have them, and keys of receipts. */
function secretsOf({ stores, receipts }: Config): string[] {
  const passwords = Object.values(stores).flatMap(({ url }) => {
    const [, login = '', query = ''] = /^[^:]+:\/\/(?:([^@/]*)@)?[^?]*(?:\?(.*))?$/.exec(url) ?? []
    const password = login.slice(login.indexOf(':') + 1)
    return [login.includes(':') ? password : '', new URLSearchParams(query).get('sentinelPassword') ?? '']
  })
  const keys = receipts === undefined ? [] : [receipts.key, ...(receipts.previousKeys ?? [])]
  return [...passwords, ...keys].filter((secret) => secret !== undefined && secret !== '')
}

function isReadableByOthers(file: string): boolean {
  try {
    return (statSync(file).mode & READABLE_BY_OTHERS) !== 0
  } catch {
    return false
  }
}

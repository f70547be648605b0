/** Certificates for servers and clients of tests, made with openssl. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTemporaryDirectory } from './reaper.ts'

/** A certificate and its key, as paths of PEM files. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface Certificates {
  /** What a client has to trust, as PEM text. */
  readonly ca: string
  /** Another authority, which signed nothing here, as PEM text. */
  readonly wrongCa: string
  /** For `localhost` and `127.0.0.1`. */
  readonly server: Certificate
  /** Another one for the same names, by `ca` as well. */
  readonly renewed: Certificate
  /** Of a client, signed by `ca`. */
  readonly client: Certificate
  /** Of a client, signed by `wrongCa`. */
  readonly stranger: Certificate
  /** Signed by `ca`, but ended yesterday. */
  readonly expired: Certificate
  /** Signed by `ca`, but for `elsewhere.example`. */
  readonly wrongHost: Certificate
}

const OPENSSL_MS = 30_000
const LOCAL = 'DNS:localhost,IP:127.0.0.1'

let made: Certificates | null = null

/** Made once a process, and gone with it. */
export function certificates(): Certificates {
  made ??= make(makeTemporaryDirectory('certificates'))
  return made
}

function make(directory: string): Certificates {
  const authority = selfSigned(directory, 'ca')
  const issue = (name: string, hosts: string, days: number): Certificate =>
    issueCertificate(join(directory, name), { authority, hosts, days })
  const wrong = selfSigned(directory, 'wrong-ca')
  return {
    ca: readFileSync(authority.cert, 'utf8'),
    wrongCa: readFileSync(wrong.cert, 'utf8'),
    server: issue('server', LOCAL, 2),
    renewed: issue('renewed', LOCAL, 60),
    client: issue('client', 'DNS:client.example', 2),
    stranger: issueCertificate(join(directory, 'stranger'), {
      authority: wrong,
      hosts: 'DNS:client.example',
      days: 2,
    }),
    expired: issue('expired', LOCAL, -1),
    wrongHost: issue('wrong-host', 'DNS:elsewhere.example', 2),
  }
}

function selfSigned(directory: string, name: string): Certificate {
  const { cert, key } = { cert: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) }
  openssl([...newKey(key), '-x509', '-subj', `/CN=headgate test ${name}`, '-days', '2', '-out', cert])
  return { cert, key }
}

interface Issue {
  readonly authority: Certificate
  readonly hosts: string
  readonly days: number
}

function issueCertificate(path: string, { authority, hosts, days }: Issue): Certificate {
  const { cert, key } = { cert: `${path}.pem`, key: `${path}.key` }
  writeFileSync(`${path}.ext`, `subjectAltName=${hosts}\n`)
  openssl([...newKey(key), '-subj', '/CN=headgate test server', '-out', `${path}.csr`])
  const from = [
    '-req',
    '-in',
    `${path}.csr`,
    '-CA',
    authority.cert,
    '-CAkey',
    authority.key,
    '-CAcreateserial',
  ]
  openssl(['x509', ...from, '-days', String(days), '-extfile', `${path}.ext`, '-out', cert])
  return { cert, key }
}

function newKey(path: string): string[] {
  return ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path]
}

function openssl(args: readonly string[]): void {
  const run = spawnSync('openssl', args, { encoding: 'utf8', timeout: OPENSSL_MS })
  if (run.status !== 0) throw new Error(`openssl ${args[0]} failed: ${run.stderr}`, { cause: run.error })
}

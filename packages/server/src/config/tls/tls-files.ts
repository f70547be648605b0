import { dirname, resolve } from 'node:path'
import type { NotInForce } from '../../service/configuration.ts'
import type { FileShape } from '../schema/file-shape.ts'
import { TLS_LISTENERS } from '../schema/tls-shape.ts'

/** A listener that can have TLS. */
export type TlsListener = (typeof TLS_LISTENERS)[number]

/** The files of TLS, from the root, and who has it. */
export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
  /** Null where clients need no certificate. */
  readonly clientCaFile: string | null
  readonly listeners: readonly TlsListener[]
}

/** What `tls` says in a configuration that lies at `file`, beside which files are looked for. */
export function tlsFiles(tls: NonNullable<FileShape['tls']>, file: string): TlsFiles {
  const { certFile, keyFile, clientCaFile, listeners = TLS_LISTENERS } = tls
  const beside = (name: string): string => resolve(dirname(file), name)
  return {
    certFile: beside(certFile),
    keyFile: beside(keyFile),
    clientCaFile: clientCaFile === undefined ? null : beside(clientCaFile),
    listeners,
  }
}

/** What another file says of TLS otherwise than the one that it was started with: it has no effect before a restart. */
export function tlsChanges(started: TlsFiles | undefined, next: TlsFiles | undefined): NotInForce[] {
  if (JSON.stringify(started) === JSON.stringify(next)) return []
  return [{ path: 'tls', message: 'tls has changed, which takes a restart; until then the old value holds' }]
}

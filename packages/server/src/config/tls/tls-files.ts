import { dirname, resolve } from 'node:path'
import type { NotInForce } from '../../service/configuration.ts'
import type { FileShape } from '../schema/file-shape.ts'
import { TLS_LISTENERS } from '../schema/tls-shape.ts'

/** A listener that can have TLS. */
export type TlsListener = (typeof TLS_LISTENERS)[number]

/** The files of a certificate, from the root. */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
}

/** The files of a certificate for some hosts. */
export interface HostCertificateFiles extends CertificateFiles {
  readonly hosts: readonly string[]
}

/** The files of TLS, from the root, and who has it. */
export interface TlsFiles extends CertificateFiles {
  readonly certificates: readonly HostCertificateFiles[]
  /** Null where clients need no certificate. */
  readonly clientCaFile: string | null
  readonly listeners: readonly TlsListener[]
}

/** What `tls` says in a configuration that lies at `file`, beside which files are looked for. */
export function tlsFiles(tls: NonNullable<FileShape['tls']>, file: string): TlsFiles {
  const { certFile, keyFile, certificates = [], clientCaFile, listeners = TLS_LISTENERS } = tls
  const beside = (name: string): string => resolve(dirname(file), name)
  return {
    certFile: beside(certFile),
    keyFile: beside(keyFile),
    certificates: certificates.map(({ hosts, certFile, keyFile }) => {
      return { hosts, certFile: beside(certFile), keyFile: beside(keyFile) }
    }),
    clientCaFile: clientCaFile === undefined ? null : beside(clientCaFile),
    listeners,
  }
}

/** All files that are read for TLS. */
export function filesOfTls({ certFile, keyFile, certificates, clientCaFile }: TlsFiles): string[] {
  const others = certificates.flatMap((one) => [one.certFile, one.keyFile])
  return [certFile, keyFile, ...others, ...(clientCaFile === null ? [] : [clientCaFile])]
}

/** What another file says of TLS otherwise than the one that it was started with: it has no effect before a restart. */
export function tlsChanges(started: TlsFiles | undefined, next: TlsFiles | undefined): NotInForce[] {
  if (JSON.stringify(started) === JSON.stringify(next)) return []
  return [{ path: 'tls', message: 'tls has changed, which takes a restart; until then the old value holds' }]
}

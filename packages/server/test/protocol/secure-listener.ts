/** Certificates of openssl, as listeners and clients of tests take them. */
import { readFileSync } from 'node:fs'
import { type Certificate, certificates } from '../../../limiter/test/harness/certificates.ts'
import { readTls } from '../../src/config/tls/read-tls.ts'
import { TlsInForce } from '../../src/listener/tls-in-force.ts'

export const CERTIFICATES = certificates()

/** What a listener shows; with the text of an authority it wants certificates of clients. */
export async function tlsOf(pair: Certificate, clientCa: string | null = null): Promise<TlsInForce> {
  const files = {
    certFile: pair.cert,
    keyFile: pair.key,
    certificates: [],
    clientCaFile: null,
    listeners: [],
  }
  return new TlsInForce({ ...(await readTls(files)), clientCa })
}

export function pemOf({ cert, key }: Certificate): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: readFileSync(cert), key: readFileSync(key) }
}

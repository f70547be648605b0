import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { HeadgateError } from 'headgate'
import type { TlsMaterial } from '../../service/certificate.ts'
import { isSpecial } from '../source/list-files.ts'
import { type ReadLimits, readText } from '../source/read-text.ts'
import type { TlsFiles } from './tls-files.ts'

type TlsField = 'certFile' | 'keyFile' | 'clientCaFile'

/** All authorities of a system fit, a wrong file does not. */
const OF_PEM: ReadLimits = { maxBytes: 1_048_576, size: '1 MiB', ifMissing: 'check the path' }

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Reads what TLS needs; rejects with `invalid-config`, at the field, where files are missing, wrong, or do not belong together. */
export async function readTls({ certFile, keyFile, clientCaFile }: TlsFiles): Promise<TlsMaterial> {
  const [cert, key, clientCa] = await Promise.all([
    read('certFile', certFile),
    read('keyFile', keyFile),
    clientCaFile === null ? null : read('clientCaFile', clientCaFile),
  ])
  const [leaf] = certificatesIn('certFile', certFile, cert)
  if (leaf === undefined) throw refused('certFile', `${certFile} has no certificate in PEM`)
  if (!leaf.checkPrivateKey(privateKey(keyFile, key))) {
    throw refused(
      'keyFile',
      `${keyFile} is not the key of the certificate in ${certFile}; give both of one pair`,
    )
  }
  if (clientCa !== null && clientCaFile !== null) {
    const authorities = certificatesIn('clientCaFile', clientCaFile, clientCa)
    if (authorities.length === 0) throw refused('clientCaFile', `${clientCaFile} has no certificate in PEM`)
  }
  checkTogether({ cert, key, clientCa })
  return { cert, key, clientCa, fingerprint: leaf.fingerprint256, notAfterMs: Date.parse(leaf.validTo) }
}

async function read(field: TlsField, file: string): Promise<string> {
  try {
    if (await isSpecial(file)) throw refused(field, `${file} is not a regular file`)
    return await readText(file, OF_PEM)
  } catch (reason) {
    const { detail } = HeadgateError.from(reason)
    throw refused(field, detail, reason)
  }
}

function certificatesIn(field: TlsField, file: string, pem: string): X509Certificate[] {
  try {
    return Array.from(pem.matchAll(BLOCK), ([block]) => new X509Certificate(block))
  } catch (reason) {
    throw refused(field, `${file} has a certificate that cannot be read; write it as PEM anew`, reason)
  }
}

function privateKey(file: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (reason) {
    throw refused('keyFile', `${file} has no private key in PEM without a passphrase`, reason)
  }
}

/** OpenSSL has the last word, such as on keys that are too short. */
function checkTogether({ cert, key, clientCa }: Pick<TlsMaterial, 'cert' | 'key' | 'clientCa'>): void {
  try {
    createSecureContext({ cert, key, ...(clientCa !== null && { ca: clientCa }) })
  } catch (reason) {
    const { message } = HeadgateError.from(reason)
    throw refused('certFile', `OpenSSL refuses the files (${message}); issue the certificate anew`, reason)
  }
}

function refused(field: TlsField, message: string, cause?: unknown): HeadgateError {
  return new HeadgateError('invalid-config', message, { path: `tls.${field}`, cause })
}

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { HeadgateError } from 'headgate'
import type { CertificatePair, TlsMaterial } from '../../service/certificate.ts'
import { isSpecial } from '../source/list-files.ts'
import { type ReadLimits, readText } from '../source/read-text.ts'
import type { CertificateFiles, HostCertificateFiles, TlsFiles } from './tls-files.ts'

/** All authorities of a system fit, a wrong file does not. */
const OF_PEM: ReadLimits = { maxBytes: 1_048_576, size: '1 MiB', ifMissing: 'check the path' }

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Reads what TLS needs; rejects with `invalid-config`, at the field, where files are missing, wrong, or do not belong together. */
export async function readTls({ certificates, clientCaFile, ...files }: TlsFiles): Promise<TlsMaterial> {
  const clientCa = clientCaFile === null ? null : await readAuthorities(clientCaFile)
  const [own, ...others] = await Promise.all([
    readPair(files, { field: 'tls', clientCa }),
    ...certificates.map((one, i) => readHostPair(one, { field: `tls.certificates[${i}]`, clientCa })),
  ])
  return {
    ...pairOf(own),
    certificates: others.map((one, i) => ({ hosts: certificates[i]?.hosts ?? [], ...pairOf(one) })),
    clientCa,
    fingerprint: own.leaf.fingerprint256,
    notAfterMs: Math.min(...[own, ...others].map(({ leaf }) => Date.parse(leaf.validTo))),
  }
}

/** A pair, and its certificate without those of authorities. */
interface ReadPair extends CertificatePair {
  readonly leaf: X509Certificate
}

interface PairPlace {
  /** Where the file has it. */
  readonly field: string
  readonly clientCa: string | null
}

function pairOf({ cert, key }: ReadPair): CertificatePair {
  return { cert, key }
}

async function readPair(
  { certFile, keyFile }: CertificateFiles,
  { field, clientCa }: PairPlace,
): Promise<ReadPair> {
  const at = { cert: `${field}.certFile`, key: `${field}.keyFile` }
  const [cert, key] = await Promise.all([read(at.cert, certFile), read(at.key, keyFile)])
  const [leaf] = certificatesIn(at.cert, certFile, cert)
  if (leaf === undefined) throw refused(at.cert, `${certFile} has no certificate in PEM`)
  if (!leaf.checkPrivateKey(privateKey({ field: at.key, file: keyFile }, key))) {
    throw refused(
      at.key,
      `${keyFile} is not the key of the certificate in ${certFile}; give both of one pair`,
    )
  }
  checkTogether(at.cert, { cert, key, clientCa })
  return { cert, key, leaf }
}

async function readHostPair(files: HostCertificateFiles, place: PairPlace): Promise<ReadPair> {
  const pair = await readPair(files, place)
  // Any name below stands for all of them.
  const other = files.hosts.find((host) => pair.leaf.checkHost(host.replace('*', 'any')) === undefined)
  if (other === undefined) return pair
  throw refused(
    `${place.field}.certFile`,
    `the certificate in ${files.certFile} is not for ${other}; leave that out of hosts, or issue it anew`,
  )
}

async function readAuthorities(file: string): Promise<string> {
  const field = 'tls.clientCaFile'
  const pem = await read(field, file)
  if (certificatesIn(field, file, pem).length > 0) return pem
  throw refused(field, `${file} has no certificate in PEM`)
}

async function read(field: string, file: string): Promise<string> {
  try {
    if (await isSpecial(file)) throw refused(field, `${file} is not a regular file`)
    return await readText(file, OF_PEM)
  } catch (reason) {
    const { detail } = HeadgateError.from(reason)
    throw refused(field, detail, reason)
  }
}

function certificatesIn(field: string, file: string, pem: string): X509Certificate[] {
  try {
    return Array.from(pem.matchAll(BLOCK), ([block]) => new X509Certificate(block))
  } catch (reason) {
    throw refused(field, `${file} has a certificate that cannot be read; write it as PEM anew`, reason)
  }
}

function privateKey(
  { field, file }: { readonly field: string; readonly file: string },
  pem: string,
): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (reason) {
    throw refused(field, `${file} has no private key in PEM without a passphrase`, reason)
  }
}

/** OpenSSL has the last word, such as on keys that are too short. */
function checkTogether(
  field: string,
  { cert, key, clientCa }: Pick<TlsMaterial, 'cert' | 'key' | 'clientCa'>,
): void {
  try {
    createSecureContext({ cert, key, ...(clientCa !== null && { ca: clientCa }) })
  } catch (reason) {
    const { message } = HeadgateError.from(reason)
    throw refused(field, `OpenSSL refuses the files (${message}); issue the certificate anew`, reason)
  }
}

function refused(path: string, message: string, cause?: unknown): HeadgateError {
  return new HeadgateError('invalid-config', message, { path, cause })
}

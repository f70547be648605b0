import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { resolve } from 'node:path'
import type { z } from 'zod'
import type { Mistake } from './config-error.ts'
import type { jwtShape } from './schema/identity-shape.ts'
import { readSmallFile, UNREADABLE } from './small-file.ts'

/** `jwt` as the file writes it. */
export type FileJwt = z.output<typeof jwtShape>

/** Reads the key of tokens, which has to fit every algorithm; a file is looked for from `folder`. Mistakes never repeat a key. */
export function readJwtKey(jwt: FileJwt, folder: string): KeyObject | Mistake {
  const given = (['key', 'keyFile', 'secret'] as const).filter((field) => jwt[field] !== undefined)
  const [field] = given
  if (field === undefined || given.length > 1) {
    const message = 'give one of key (a public key in PEM), keyFile and secret'
    return { path: ['jwt'], message: given.length > 1 ? `${message}, not ${given.join(' and ')}` : message }
  }
  const path = ['jwt', field]
  const key = field === 'secret' ? createSecretKey(Buffer.from(jwt.secret ?? '')) : publicKey(jwt, folder)
  if (typeof key === 'string') return { path, message: key }
  const unfit = jwt.algorithms.find((algorithm) => !isFit(key, algorithm))
  return unfit === undefined ? key : { path, message: unfitMessage(unfit) }
}

/** Whether a key was read. */
export function isKey(key: KeyObject | Mistake): key is KeyObject {
  return !('message' in key)
}

function publicKey({ key, keyFile }: FileJwt, folder: string): KeyObject | string {
  const pem = key ?? readSmallFile(resolve(folder, keyFile ?? ''))?.toString()
  if (pem === undefined) return UNREADABLE
  if (pem.includes('PRIVATE KEY')) return 'is a private key; give the public one, which is enough to verify'
  try {
    return createPublicKey(pem)
  } catch {
    return 'is not a public key in PEM, as "-----BEGIN PUBLIC KEY-----" and the lines behind it'
  }
}

const CURVES: Readonly<Record<string, string>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
}
const RSA_BITS_MIN = 2048

/** A key that fits its algorithm only: a public key is never a secret that anybody knows. RFC 7518, sections 3.2 to 3.5. */
function isFit(key: KeyObject, algorithm: string): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key
  switch (algorithm.slice(0, 2)) {
    case 'HS':
      return key.type === 'secret' && (key.symmetricKeySize ?? 0) >= Number(algorithm.slice(2)) / 8
    case 'RS':
    case 'PS':
      return type === 'rsa' && (details.modulusLength ?? 0) >= RSA_BITS_MIN
    case 'ES':
      return type === 'ec' && details.namedCurve === CURVES[algorithm]
    default:
      return type === 'ed25519'
  }
}

function unfitMessage(algorithm: string): string {
  switch (algorithm.slice(0, 2)) {
    case 'HS':
      return `${algorithm} needs a secret of at least ${Number(algorithm.slice(2)) / 8} bytes`
    case 'RS':
    case 'PS':
      return `${algorithm} needs an RSA key of at least ${RSA_BITS_MIN} bits`
    case 'ES':
      return `${algorithm} needs a key on the curve ${CURVES[algorithm]}`
    default:
      return `${algorithm} needs an Ed25519 key`
  }
}

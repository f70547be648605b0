import type { KeyObject } from 'node:crypto'

const CURVES: Readonly<Record<string, string>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
}
const RSA_BITS_MIN = 2048

/** A key that fits its algorithm only: a public key is never a secret that anybody knows. RFC 7518, sections 3.2 to 3.5. */
export function isFit(key: KeyObject, algorithm: string): boolean {
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

/** What a key has to be to fit an algorithm. */
export function unfitMessage(algorithm: string): string {
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

import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { z } from 'zod'
import type { JwtSettings } from '../service/identity/identity-settings.ts'
import { isFit, unfitMessage } from '../service/identity/key-fit.ts'
import type { Mistake } from './config-error.ts'
import type { jwtShape } from './schema/identity-shape.ts'
import { readSmallFile, UNREADABLE } from './small-file.ts'

/** `jwt` as the file writes it. */
export type FileJwt = z.output<typeof jwtShape>

/**
 * Reads the key of tokens, which has to fit every algorithm, or where keys are published; a file is looked for from `folder`. Mistakes
 * never repeat a key.
 */
export function readJwtKey(jwt: FileJwt, folder: string): JwtSettings['key'] | Mistake {
  const given = (['key', 'keyFile', 'secret', 'jwksUrl'] as const).filter((field) => jwt[field] !== undefined)
  const [field] = given
  if (field === undefined || given.length > 1) {
    const message = 'give one of key (a public key in PEM), keyFile, secret and jwksUrl'
    return { path: ['jwt'], message: given.length > 1 ? `${message}, not ${given.join(' and ')}` : message }
  }
  const path = ['jwt', field]
  if (field === 'jwksUrl') return publishedAt(jwt)
  const key = field === 'secret' ? createSecretKey(Buffer.from(jwt.secret ?? '')) : publicKey(jwt, folder)
  if (typeof key === 'string') return { path, message: key }
  const unfit = jwt.algorithms.find((algorithm) => !isFit(key, algorithm))
  return unfit === undefined ? key : { path, message: unfitMessage(unfit) }
}

/** Whether a key was read, or where it is published. */
export function isKey(key: JwtSettings['key'] | Mistake): key is JwtSettings['key'] {
  return !('message' in key)
}

/** Anybody could put a secret of their own in place of a public key: what is published is for algorithms with public keys. */
function publishedAt({ jwksUrl = '', algorithms }: FileJwt): JwtSettings['key'] | Mistake {
  const mistake = urlMistake(jwksUrl)
  if (mistake !== null) return { path: ['jwt', 'jwksUrl'], message: mistake }
  const unfit = algorithms.find((algorithm) => algorithm.startsWith('HS'))
  const message = `${unfit} has a secret, which nobody publishes; give algorithms with public keys, such as ES256`
  return unfit === undefined ? { jwksUrl } : { path: ['jwt', 'algorithms'], message }
}

function urlMistake(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    return 'is not a URL; write it as https://login.example/jwks.json'
  if (url.username !== '' || url.password !== '')
    return 'has a password in it, which keys that are public do not need'
  const fix = 'use https: whoever is on the way could put keys of their own there'
  return url.protocol === 'https:' || isLoopback(url.hostname) ? null : `is not encrypted; ${fix}`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))
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

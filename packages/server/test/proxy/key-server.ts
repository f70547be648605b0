/** An issuer of tokens on a port of this machine, which publishes its keys and can be made to fail. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type JWTPayload, SignJWT } from 'jose'

/** A key pair under a name. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  /** As it is published. */
  readonly jwk: Readonly<Record<string, unknown>>
}

/** Draws a key for ES256. */
export function signingKey(kid: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' } }
}

/** Signs a token that is valid for an hour, unless the claims say otherwise. */
export function signed(
  { privateKey, kid }: Pick<SigningKey, 'privateKey' | 'kid'>,
  claims: JWTPayload = {},
  header: object = {},
): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 3600
  return new SignJWT({ sub: 'alice', exp, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid, ...header })
    .sign(privateKey)
}

/** The issuer: counts who asks, and answers as it is told. */
export class KeyServer {
  asked = 0
  answer: (response: ServerResponse) => void
  readonly #server: Server

  constructor(...keys: readonly SigningKey[]) {
    this.answer = publishes(...keys)
    this.#server = createServer((_, response) => {
      this.asked++
      this.answer(response)
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks.json`
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** Answers with these keys. */
export function publishes(...keys: readonly SigningKey[]): (response: ServerResponse) => void {
  return sends(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }))
}

/** Answers with this. */
export function sends(
  body: string,
  status = 200,
  headers: Record<string, string> = {},
): (response: ServerResponse) => void {
  return (response) => response.writeHead(status, headers).end(body)
}

import { timingSafeEqual } from 'node:crypto'
import { HeadgateError } from 'headgate'
import { withoutStack } from '../without-stack.ts'
import { Grant } from './grant.ts'
import type { TokenSettings } from './token-settings.ts'
import { isTokenText, TOKEN_PREFIX, tokenHash } from './token-text.ts'

/** A token that is known here. */
export interface KnownToken {
  readonly settings: TokenSettings
  readonly grant: Grant
}

/** Enough of a hash to find a token by: what it is compared with takes the same time whatever differs. */
const ID_LENGTH = 'sha256:'.length + 12

const FORM = `the token that was sent is not of the form of those of this service, which begin with ${TOKEN_PREFIX}`
/** `Authorization` may say who is limited. */
const BESIDE = 'where Authorization is for something else, send the token as X-Headgate-Token'

/** The tokens of a configuration. */
export class TokenRegister {
  readonly #tokens = new Map<string, KnownToken[]>()

  constructor(tokens: readonly TokenSettings[] = []) {
    for (const settings of tokens) {
      const id = settings.hash.slice(0, ID_LENGTH)
      const known = { settings, grant: new Grant(settings) }
      this.#tokens.set(id, [...(this.#tokens.get(id) ?? []), known])
    }
  }

  /** Whether there are no tokens: whoever reaches the service may use all of it. */
  get isOpen(): boolean {
    return this.#tokens.size === 0
  }

  /** What a token stands for; throws where it is missing, or none of these. */
  find(text: string | undefined): KnownToken {
    if (text === undefined) {
      const fix = 'send it as Authorization: Bearer hgt_…, or as X-Headgate-Token'
      throw unauthenticated(`this takes a token; ${fix}`)
    }
    if (!isTokenText(text)) throw unauthenticated(`${FORM}; ${BESIDE}`)
    const hash = tokenHash(text)
    const found = this.#tokens
      .get(hash.slice(0, ID_LENGTH))
      ?.find(({ settings }) => isSame(settings.hash, hash))
    if (found !== undefined) return found
    throw unauthenticated('the token is none of this service')
  }
}

function unauthenticated(message: string): HeadgateError {
  return withoutStack(() => new HeadgateError('unauthenticated', message))
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

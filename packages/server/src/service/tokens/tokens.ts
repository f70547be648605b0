import { HeadgateError, type Receipt, type ReservationHandle } from 'headgate'
import { handleOf, handleText, receiptOf, receiptText } from './compact.ts'
import { kindOf, readText, signText, type TokenKind, verifiedPayload } from './signed-text.ts'
import type { TokenKeys } from './token-keys.ts'

/**
 * Receipts and reservations as texts that callers keep: authenticated as a whole, and good at every service that has the keys.
 * They are not encrypted. A text that is none of ours is an `invalid-receipt` error, with one message whatever is wrong with it.
 */
export class Tokens {
  readonly #keys: TokenKeys

  constructor(keys: TokenKeys) {
    this.#keys = keys
  }

  /**
   * A receipt as a text, good for one domain where that is given; null for one that is too long. A promise only before the
   * store has told its key.
   */
  receipt(receipt: Receipt, domain?: string): string | null | Promise<string | null> {
    const key = this.#keys.current()
    const payload = receiptText(receipt, domain)
    return key instanceof Promise
      ? key.then((late) => signText('r1', payload, late))
      : signText('r1', payload, key)
  }

  async openReceipt(text: string): Promise<Receipt> {
    return receiptOf(await this.#open('r1', text, 'receipt')).receipt
  }

  /** A reservation as a text; null for one that is too long. */
  async reservation(handle: ReservationHandle, domain?: string): Promise<string | null> {
    return signText('v1', handleText(handle, domain), await this.#keys.current())
  }

  /** The handle of a reservation, and the domain that alone may use it. */
  async openReservation(text: string): Promise<ReturnType<typeof handleOf>> {
    return handleOf(await this.#open('v1', text, 'reservation'))
  }

  /** What a receipt or a reservation was spent from, and the domain that alone may use it. */
  async spentFrom(text: string): Promise<SpentFrom> {
    const { domain = null, ...opened } =
      kindOf(text) === 'v1'
        ? await this.openReservation(text)
        : receiptOf(await this.#open('r1', text, 'receipt'))
    const receipts =
      'receipt' in opened ? [opened.receipt] : opened.handle.spends.map(({ receipt }) => receipt)
    const entries = receipts.flatMap((receipt) => [receipt, ...receipt.others])
    return { policies: [...new Set(entries.map(({ origin }) => origin.policy))], domain }
  }

  async #open(kind: TokenKind, text: string, path: string): Promise<string> {
    const read = readText(kind, text)
    const key = read === null ? undefined : await this.#keys.find(read.keyId)
    const payload = read === null || key === undefined ? null : verifiedPayload(read, key)
    if (payload === null) throw notOurs(path)
    return payload
  }
}

/** What a receipt or a reservation stands for. */
export interface SpentFrom {
  readonly policies: readonly string[]
  /** Null where it is good for all. */
  readonly domain: string | null
}

function notOurs(path: string): HeadgateError {
  const message = `this is no ${path} of this service; pass on the ${path} of an answer as it is`
  return new HeadgateError('invalid-receipt', message, { path })
}

import { retryDelayMs } from './lazy-client.ts'

/** A password, or a function that returns the current one. */
export type Password = string | (() => string | Promise<string>) | undefined

/**
 * The current password, shared by all connections. A function is called once, and again after its password was
 * refused.
 */
export class PasswordSource {
  readonly #password: Password
  #current: Promise<string | undefined> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(password: Password) {
    this.#password = password
  }

  get(): Promise<string | undefined> {
    this.#current ??= this.#fetch()
    return this.#current
  }

  /** Drops the password, after a delay: when all connections are refused, the function is called once for all. */
  forget(): void {
    const forget = (): void => {
      this.#current = this.#timer = undefined
    }
    this.#timer ??= setTimeout(forget, retryDelayMs()).unref()
  }

  async #fetch(): Promise<string | undefined> {
    try {
      return typeof this.#password === 'function' ? await this.#password() : this.#password
    } catch (reason) {
      this.forget()
      throw new Error(`there is no password: ${reason}`, { cause: reason })
    }
  }
}

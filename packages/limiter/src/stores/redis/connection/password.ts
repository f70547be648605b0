import { backoff } from './link.ts'

/** A password, or where to ask for the one of today. */
export type Password = string | (() => string | Promise<string>) | undefined

/** The password of today, for all connections. It is asked for once, and again after it was refused. */
export class PasswordSource {
  readonly #password: Password
  #answer: Promise<string | undefined> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(password: Password) {
    this.#password = password
  }

  get(): Promise<string | undefined> {
    this.#answer ??= this.#ask()
    return this.#answer
  }

  /** Does so after a pause: all connections may be refused, and whoever is asked is not asked by each of them. */
  forget(): void {
    const forget = (): void => {
      this.#answer = this.#timer = undefined
    }
    this.#timer ??= setTimeout(forget, backoff()).unref()
  }

  async #ask(): Promise<string | undefined> {
    try {
      return typeof this.#password === 'function' ? await this.#password() : this.#password
    } catch (reason) {
      this.forget()
      throw new Error(`there is no password: ${reason}`, { cause: reason })
    }
  }
}

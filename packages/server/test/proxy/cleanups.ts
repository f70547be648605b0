/** What a test has to end, the last first. As `DisposableStack`, which Node 22 does not have. */
export class Cleanups implements Disposable {
  readonly #all: (() => void)[] = []

  use<T extends Disposable>(one: T): T {
    this.defer(() => one[Symbol.dispose]())
    return one
  }

  defer(cleanup: () => void): void {
    this.#all.push(cleanup)
  }

  [Symbol.dispose](): void {
    for (const cleanup of this.#all.splice(0).reverse()) cleanup()
  }
}

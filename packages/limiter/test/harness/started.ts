/** What has been started so far, to be stopped when the rest of it fails: AsyncDisposableStack, which Node 22 lacks. */
export class Started implements AsyncDisposable {
  readonly #ends: (() => unknown)[] = []

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]())
    return resource
  }

  defer(end: () => unknown): void {
    this.#ends.push(end)
  }

  /** Leaves it to the one returned to stop all of it. */
  move(): Started {
    const moved = new Started()
    moved.#ends.push(...this.#ends.splice(0))
    return moved
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end()
  }
}

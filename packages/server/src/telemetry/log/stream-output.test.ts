import { Writable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { StreamOutput } from './stream-output.ts'

const LINE = `${'x'.repeat(1023)}\n`
const FITS = 1024

/** A stream whose reader reads when it is told to. */
class SlowStream extends Writable {
  readonly #waiting: (() => void)[] = []
  read = 0

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.#waiting.push(() => {
      this.read += chunk.length
      done()
    })
  }

  readAll(): void {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) next()
  }
}

describe('StreamOutput', () => {
  it('keeps a mebibyte for a slow reader, loses what is more, and tells it when all is read', async () => {
    const stream = new SlowStream()
    const onRestored = vi.fn()
    const output = new StreamOutput(stream, onRestored)
    for (let i = 0; i < FITS + 5; i++) output.write(LINE)
    expect([output.lost, stream.writableLength]).toEqual([5, FITS * 1024])
    expect(onRestored).not.toHaveBeenCalled()
    while (stream.writableLength > 0) {
      stream.readAll()
      await new Promise(setImmediate)
    }
    await vi.waitFor(() => expect(onRestored.mock.calls).toEqual([[5, 'slow reader']]))
    output.write(LINE)
    expect(output.lost).toBe(5)
  })

  it('loses all that goes to a reader that is gone, and goes on', async () => {
    const stream = new Writable({
      write: (_, __, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
    })
    const output = new StreamOutput(stream, vi.fn())
    for (let i = 0; i < 3; i++) output.write('a\n')
    await vi.waitFor(() => expect(output.lost).toBe(3))
    output.write('b\n')
    await vi.waitFor(() => expect(output.lost).toBe(4))
    output.write('c\nd\n')
    await vi.waitFor(() => expect(output.lost).toBe(6))
    await output.close()
  })

  it('waits at its end for what is still to be read', async () => {
    const stream = new SlowStream()
    const output = new StreamOutput(stream, vi.fn())
    for (let i = 0; i < 32; i++) output.write(LINE)
    const closed = output.close()
    while (stream.writableLength > 0) {
      stream.readAll()
      await new Promise(setImmediate)
    }
    await closed
    expect(stream.read).toBe(32 * 1024)
  })
})

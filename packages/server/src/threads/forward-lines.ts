import type { Readable, Writable } from 'node:stream'

/** What a program prints without ever ending its line is passed on in parts of this many characters. */
const LINE_MAX = 64 * 1024

/** Passes on whole lines, so that those of several threads are not mixed. */
export function forwardLines(from: Readable, to: Pick<Writable, 'write'>): void {
  let rest = ''
  from.setEncoding('utf8')
  from.on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1
    const lines = end === 0 ? '' : rest + text.slice(0, end)
    rest = end === 0 ? rest + text : text.slice(end)
    if (lines !== '') to.write(lines)
    if (rest.length > LINE_MAX) {
      to.write(`${rest}\n`)
      rest = ''
    }
  })
  from.on('end', () => {
    if (rest !== '') to.write(`${rest}\n`)
  })
}

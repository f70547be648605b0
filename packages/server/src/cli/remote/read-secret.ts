import type { ReadStream } from 'node:tty'
import { CommandFailure, EXIT } from '../exit.ts'

/** What is typed at: standard input, where it is a terminal. */
export type Keyboard = Pick<ReadStream, 'setRawMode' | 'on' | 'off' | 'pause' | 'resume' | 'setEncoding'>

const [CTRL_C, CTRL_D, BACKSPACE, DELETE, CTRL_U] = ['\x03', '\x04', '\b', '\x7f', '\x15']

/** Reads a line that is not shown as it is typed; `ask` shows the question and, at the end, a line feed. Ctrl-C ends the command. */
export async function readSecret(
  keyboard: Keyboard,
  question: string,
  ask: (text: string) => void,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let line = ''
  const onData = (typed: string): void => {
    for (const key of typed) {
      switch (key) {
        case '\r':
        case '\n':
        case CTRL_D:
          resolve(line)
          return
        case CTRL_C:
          reject(new CommandFailure(EXIT.failed, 'Interrupted'))
          return
        case BACKSPACE:
        case DELETE:
          line = [...line].slice(0, -1).join('')
          break
        case CTRL_U:
          line = ''
          break
        default:
          line += key
      }
    }
  }
  ask(question)
  keyboard.setEncoding('utf8')
  keyboard.setRawMode(true)
  keyboard.on('data', onData)
  keyboard.resume()
  try {
    return await promise
  } finally {
    keyboard.off('data', onData)
    keyboard.setRawMode(false)
    keyboard.pause()
    ask('\n')
  }
}

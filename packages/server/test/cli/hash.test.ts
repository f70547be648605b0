import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type Keyboard, readSecret } from '../../src/cli/remote/read-secret.ts'
import { isPasswordOf, parsePasswordHash } from '../../src/service/identity/password-hash.ts'
import { runCommand } from './run-command.ts'

async function isOf(text: string, password: string): Promise<boolean> {
  const hash = parsePasswordHash(text.trimEnd())
  return typeof hash === 'object' && isPasswordOf(hash, password)
}

describe('headgate hash', () => {
  it('hashes a line of standard input, without its end', async () => {
    const { code, stdout, stderr } = await runCommand(['hash'], { input: 'corréct horse \r\n' })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$\S+\$\S+\n$/)
    expect(await isOf(stdout, 'corréct horse ')).toBe(true)
  })

  // crypto.argon2 came with Node 24.7.
  it.skipIf(process.versions.node.startsWith('22.'))(
    'hashes what is typed twice, by argon2id where that is asked for, as JSON',
    async () => {
      const { stdout } = await runCommand(['hash', '--argon2id', '--json'], { secrets: ['secret', 'secret'] })
      const { hash } = JSON.parse(stdout)
      expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
      expect(await isOf(hash, 'secret')).toBe(true)
    },
  )

  it.each([
    [{ input: '\n' }, 'there is no password'],
    [{ input: 'one\ntwo\n' }, 'a password is one line'],
    [{ input: 'x'.repeat(768) }, 'a password has up to 767 bytes'],
    [{ secrets: ['secret', 'sceret'] }, 'these were two different passwords'],
  ])('refuses %j, and does not repeat it', async (given, message) => {
    const { code, stdout, stderr } = await runCommand(['hash'], given)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/secret|xxxx/)
  })
})

describe('a line that is not shown', () => {
  class Keys
    extends EventEmitter
    implements Pick<Keyboard, 'setRawMode' | 'pause' | 'resume' | 'setEncoding'>
  {
    readonly modes: boolean[] = []
    setRawMode = (isRaw: boolean): never => this.modes.push(isRaw) as never
    setEncoding = (): never => this as never
    resume = (): never => this as never
    pause = (): never => this as never
  }

  const typing = async (...chunks: string[]): Promise<unknown> => {
    const keys = new Keys()
    let shown = ''
    const read = readSecret(keys as unknown as Keyboard, 'Password: ', (text) => {
      shown += text
    }).catch((reason: Error) => reason.message)
    for (const chunk of chunks) keys.emit('data', chunk)
    const line = await read
    expect([shown, keys.modes, keys.listenerCount('data')]).toEqual(['Password: \n', [true, false], 0])
    return line
  }

  it('is read to its end, and can be corrected', async () => {
    expect(await typing('se', 'cret\r')).toBe('secret')
    expect(await typing('x€\x7f\x7f', 'a\b', 'b\n')).toBe('b')
    expect(await typing('wrong\x15right\x04')).toBe('right')
  })

  it('ends the command at Ctrl-C, and gives the terminal back', async () => {
    expect(await typing('se\x03')).toBe('Interrupted')
  })
})

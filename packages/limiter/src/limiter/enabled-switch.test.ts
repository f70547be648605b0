import { describe, expect, it } from 'vitest'
import { compileSwitch } from '../core/enabled-switch.ts'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'

const refused = (message: string) =>
  expect.objectContaining({
    code: 'invalid-options',
    path: 'options.enabled',
    message: `options.enabled: ${message}`,
  })

describe('compileSwitch', () => {
  it('reads the texts of environment variables', () => {
    expect([compileSwitch('true')(), compileSwitch('false')(), compileSwitch(() => 'false')()]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('takes what is set once, and what is asked each time', () => {
    expect([compileSwitch(true)(), compileSwitch(false)()]).toEqual([true, false])
    const answers = [true, false, true]
    const read = compileSwitch(() => answers.shift())
    expect([read(), read(), read()]).toEqual([true, false, true])
  })

  it.each([
    [0, '0'],
    [1, '1'],
    [null, 'null'],
    ['no', '"no"'],
    ['', '""'],
    [{}, 'an object'],
    [[], 'an array'],
    [Promise.resolve(true), 'an object'],
  ])('refuses %j, which is no switch', (value, shown) => {
    expect(() => compileSwitch(value)).toThrow(
      refused(
        `${shown} is not a switch; pass true, false, 'true' or 'false', or a function that returns one of them`,
      ),
    )
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [0, '0'],
    ['no', '"no"'],
    [Promise.resolve(false), 'an object'],
  ])('refuses a function that returns %j, with each call', (answer, shown) => {
    const read = compileSwitch(() => answer)
    expect(read).toThrow(
      refused(`${shown} is what it returned; return true, false, 'true' or 'false', and no promise`),
    )
    expect(read).toThrow(
      refused(`${shown} is what it returned; return true, false, 'true' or 'false', and no promise`),
    )
  })

  it('keeps what a function threw as the cause', () => {
    const cause = new Error('no such flag')
    const read = compileSwitch(() => {
      throw cause
    })
    expect(read).toThrow(refused(`it threw "no such flag"; return true, false, 'true' or 'false'`))
    expect(read).toThrow(expect.objectContaining({ cause }))
  })
})

describe('a limiter whose switch says neither', () => {
  it('refuses every call, and spends nothing', async () => {
    let answer: unknown = true
    const limiter = createLimiter({ limit: '5/h', store: memoryStore(), enabled: () => answer as boolean })
    await limiter.consume('a')
    answer = undefined
    const error = { code: 'invalid-options', path: 'options.enabled' }
    expect(() => limiter.consumeSync('a')).toThrow(expect.objectContaining(error))
    for (const verb of ['consume', 'peek', 'reserve', 'wait'] as const) {
      await expect(limiter[verb]('a')).rejects.toMatchObject(error)
      await expect(limiter[verb]('a', { cost: 2 })).rejects.toMatchObject(error)
    }
    for (const verb of ['charge', 'credit'] as const) {
      await expect(limiter[verb]('a', 2)).rejects.toMatchObject(error)
    }
    answer = true
    expect(await limiter.peek('a', { cost: 0 })).toMatchObject({ remaining: 4 })
  })

  it('is not created with a switch that is none', () => {
    expect(() => createLimiter({ limit: '5/s', enabled: 'yes' as never })).toThrow(
      expect.objectContaining({ path: 'options.enabled' }),
    )
  })
})

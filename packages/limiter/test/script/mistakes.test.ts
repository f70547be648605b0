import { describe, expect, it } from 'vitest'
import type { ScriptCommand } from '../../src/script/loaded-script.ts'
import { scriptLimiter } from '../../src/script/script-limiter.ts'
import type { ScriptLimiterOptions } from '../../src/script/script-options.ts'

const sent: ScriptCommand[] = []
const right: ScriptLimiterOptions = {
  script: "return { 'allow', {} }",
  headers: ['x-ratelimit-limit'],
  call: async (command) => {
    sent.push(command)
    return command[0] === 'SCRIPT' ? 'a'.repeat(40) : ['allow', []]
  },
  onStoreError: 'open',
}

describe('options of a script limiter', () => {
  it.each<[path: string, wrong: object, message: RegExp]>([
    ['options', { onstoreerror: 'open' }, /unknown field "onstoreerror" \(did you mean "onStoreError"\?\)/],
    ['options.script', { script: ' ' }, /" " is not a Lua script; pass its text/],
    ['options.script', { script: 7 }, /7 is not a Lua script/],
    ['options.call', { call: 'EVAL' }, /"EVAL" is not a function; pass \(command\) => client\.call/],
    ['options.onError', { onError: true }, /true is not a function/],
    ['options.onStoreError', { onStoreError: undefined }, /undefined is not a mode; use open or closed/],
    ['options.onStoreError', { onStoreError: 'local' }, /a script has no limit and window/],
    ['options.deadlineMs', { deadlineMs: 0 }, /0 is not a number of milliseconds/],
    ['options.enabled', { enabled: 'yes' }, /"yes" is not a switch/],
    ['options.clock', { clock: {} }, /is not a clock/],
    ['options.headers', { headers: 'x-limit' }, /"x-limit" is not a list of up to 16 names/],
    ['options.headers[1]', { headers: ['a', 'b c'] }, /"b c" is not the name of a header field/],
    ['options.headers[0]', { headers: ['Connection'] }, /"Connection" is not the name of a header field/],
    ['options.headers[1]', { headers: ['a', 'A'] }, /"A" is there twice; keep one/],
  ])('are refused at %s: %j', (path, wrong, message) => {
    const options = { ...right, ...wrong }
    expect(() => scriptLimiter(options)).toThrow(
      expect.objectContaining({ code: 'invalid-options', path, message: expect.stringMatching(message) }),
    )
  })
})

describe('a call of a script limiter', () => {
  const limiter = scriptLimiter(right)
  const run = limiter.run as (keys: unknown, args?: unknown) => Promise<unknown>

  it.each([
    [[], undefined, 'invalid-options', /^keys: an array is not a list of one or more keys/],
    ['user', undefined, 'invalid-options', /^keys: "user" is not a list of one or more keys; pass \[key\]/],
    [[''], undefined, 'invalid-key', /"" is not a key/],
    [['a', 7], undefined, 'invalid-key', /7 is not a key/],
    [['a', undefined], undefined, 'invalid-key', /undefined is not a key/],
    [['a'], 100, 'invalid-options', /^args: 100 is not a list of arguments/],
    [['a'], [1.5], 'invalid-options', /^args\[0\]: 1\.5 is neither a text nor a whole number/],
    [['a'], ['x', Number.NaN], 'invalid-options', /^args\[1\]: NaN is neither/],
    [['a'], [2 ** 53], 'invalid-options', /^args\[0\]: 9007199254740992 is neither/],
    [['a'], [{}], 'invalid-options', /^args\[0\]: an object is neither/],
  ])('with %j and %j is refused, not decided, and reaches no server', async (keys, args, code, message) => {
    sent.length = 0
    await expect(run(keys, args)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(sent).toEqual([])
  })

  it('hands over all keys and, as texts, all arguments', async () => {
    await limiter.run(['a', 'b'], [100, -1, 'x', ''])
    expect(sent.at(-1)).toEqual(['EVALSHA', 'a'.repeat(40), '2', 'a', 'b', '100', '-1', 'x', ''])
  })
})

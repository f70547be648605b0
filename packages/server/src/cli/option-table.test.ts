import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flagOf, type OptionTable, resolveOptions, variableOf } from './option-table.ts'
import { SERVE_OPTIONS } from './serve-options.ts'

const said = {
  value: 'v',
  help: 'h',
  byDefault: 'default',
  read: (text: string, by: string) => `${by}=${text}`,
}
const table = { onStoreError: said, port: { ...said, also: 'PORT' } } satisfies OptionTable

describe('an option', () => {
  it('is a flag and a variable by one name', () => {
    expect([flagOf('onStoreError'), variableOf('onStoreError')]).toEqual([
      '--on-store-error',
      'HEADGATE_ON_STORE_ERROR',
    ])
  })

  it('holds by its flag before its variable before another before the default; empty counts as unset', () => {
    const text = fc.option(fc.constantFrom('', 'a', '0'), { nil: undefined })
    fc.assert(
      fc.property(text, text, text, (flag, variable, other) => {
        const env = { HEADGATE_PORT: variable, PORT: other }
        const { port } = resolveOptions(table, flag === undefined ? {} : { port: flag }, env)
        let expected = '--port=default'
        if (other) expected = `PORT=${other}`
        if (variable) expected = `HEADGATE_PORT=${variable}`
        if (flag !== undefined) expected = `--port=${flag}`
        expect(port).toBe(expected)
      }),
    )
  })

  it('is not what Kubernetes says of a service named headgate', () => {
    const env = { HEADGATE_PORT: 'tcp://10.0.0.1:8080' }
    expect(resolveOptions(table, {}, env).port).toBe('--port=default')
    expect(resolveOptions(table, {}, { ...env, PORT: '80' }).port).toBe('PORT=80')
  })
})

describe('the options of serve', () => {
  it.each([
    ['HEADGATE_PORT', '65536', '"65536" is not a port; give HEADGATE_PORT a number from 0 to 65535'],
    ['HEADGATE_HOST', ' ', 'give HEADGATE_HOST 127.0.0.1, or 0.0.0.0 for all'],
    [
      'HEADGATE_ON_STORE_ERROR',
      'fail',
      '"fail" is not one of local, open, closed; change HEADGATE_ON_STORE_ERROR',
    ],
    [
      'HEADGATE_STORE',
      'redis://u:s3cret@a:99999',
      'HEADGATE_STORE: "redis://***@a:99999" is not a Redis URL',
    ],
    ['HEADGATE_STORE', 'postgres://u:s3cret@a', 'HEADGATE_STORE: "postgres://***@a" is not a store'],
  ])('refuse %s=%s, and name the variable', (name, value, message) => {
    expect(() => resolveOptions(SERVE_OPTIONS, {}, { [name]: value })).toThrow(message)
    expect(() => resolveOptions(SERVE_OPTIONS, {}, { [name]: value })).not.toThrow('s3cret')
  })

  it('have defaults', () => {
    expect(resolveOptions(SERVE_OPTIONS, {}, {})).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      store: undefined,
      drainTimeout: 10_000,
    })
  })
})

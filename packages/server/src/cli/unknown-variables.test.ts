import { describe, expect, it } from 'vitest'
import { unknownVariables } from './unknown-variables.ts'

describe('unknownVariables', () => {
  it('suggests the one that was meant, and does not show the value', () => {
    expect(unknownVariables({ HEADGATE_STOER: 's3cret', HOME: '/' })).toEqual([
      'unknown variable "HEADGATE_STOER" (did you mean "HEADGATE_STORE"?); it has no effect',
    ])
  })

  it('suggests none of the client, which mean nothing here', () => {
    for (const name of ['HEADGATE_URI', 'HEADGATE_TOKENS', 'HEADGATE_URLL']) {
      const [said] = unknownVariables({ [name]: 'x' })
      expect(said).toContain(`unknown variable "${name}"`)
      expect(said).not.toMatch(/HEADGATE_(URL|TOKEN)"\?\)/)
    }
  })

  it('says nothing of ours, of the client, and of what Kubernetes sets', () => {
    const env = {
      HEADGATE_STORE: 'memory',
      HEADGATE_URL: 'http://a',
      HEADGATE_TOKEN: 's3cret',
      HEADGATE_PORT: 'tcp://10.0.0.1:8080',
      HEADGATE_PORT_8080_TCP_ADDR: '10.0.0.1',
      HEADGATE_SERVICE_HOST: '10.0.0.1',
      HEADGATE_SERVICE_PORT_HTTP: '8080',
    }
    expect(unknownVariables(env)).toEqual([])
  })
})

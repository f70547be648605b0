import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readCors } from '../../src/config/proxy/read-cors.ts'
import { readHardening } from '../../src/config/proxy/read-hardening.ts'
import { proxyCorsShape } from '../../src/config/schema/proxy-cors-shape.ts'
import { proxyHardeningShape } from '../../src/config/schema/proxy-hardening-shape.ts'

const page = readFileSync(
  resolve(import.meta.dirname, '../../../../docs/guide/hardened-responses.md'),
  'utf8',
)
const samples = Array.from(page.matchAll(/```ya?ml\n([^`]*)```/g), ([, text = '']) => parse(text).proxy)

describe('the guide to hardened responses', () => {
  it('has samples whose hardening is taken', () => {
    const read = samples.flatMap(({ hardening }) =>
      hardening === undefined ? [] : [readHardening(proxyHardeningShape.parse(hardening))],
    )
    expect(read).toMatchObject([{ preset: 'strict' }, { preset: 'strict', reportPath: '/csp-report' }])
  })

  it('has a sample whose cors is taken', () => {
    const read = samples.flatMap(({ cors }) =>
      cors === undefined ? [] : [readCors(proxyCorsShape.parse(cors))],
    )
    expect(read).toMatchObject([
      { credentials: true, headers: ['authorization', 'x-api-key'], maxAgeSeconds: 600 },
    ])
  })

  it('names the scores that are tested', () => {
    const points = /gives (\d+) points for `compat`, (\d+) for `strict`\s+and (\d+) for `api`/.exec(page)
    expect(points?.slice(1).map(Number)).toEqual([75, 130, 135])
  })
})

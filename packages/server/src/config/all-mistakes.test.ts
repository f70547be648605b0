import { HeadgateError } from 'headgate'
import { describe, expect, it } from 'vitest'
import { parseConfig } from './config.ts'

const text = `version: 1
store: { url: "redis://u:p@h:99999", prefx: a }
stores: 5
policies:
  - { name: a, rules: [many, 5/xs, 1/s], key: "", match: { path: v2, method: post, ip: x }, missing: no }
  - name: b c
    rules: [many, { limit: 5/s, burst: 0 }, { limit: 1/s, algorithm: tokn-bucket }, 7/s]
    key: ""
    match: { path: "/u/:id", method: post, user: u }
    lease: { max: 1, lifetime: 100y }
  - name: d
    rules: [1/s]
    store: audit
    overrides:
      - { match: { path: x }, rules: {} }
      - { match: { user: v }, rules: { 2s: { limit: 1/s } } }
      - { match: { user: v }, rules: { 1s: { limit: x } } }
  - { name: e, rules: [1/s] }
deny: { ip: [10.0.0.0/33] }
`

describe('a file with many mistakes', () => {
  it('has all of them told at once, whatever kind they are of', () => {
    let lines: string[] = []
    try {
      parseConfig(text, 'f')
    } catch (reason) {
      lines = HeadgateError.from(reason)
        .message.split('\n')
        .map((line) => line.replace(/^f:(\d+:\d+) (\S+):.*/, '$1 $2'))
    }
    expect(lines).toMatchInlineSnapshot(`
      [
        "2:10 store.url",
        "2:38 store.prefx",
        "3:1 stores",
        "5:24 policies[0].rules[0].limit",
        "5:30 policies[0].rules[1].limit",
        "5:42 policies[0].key",
        "5:60 policies[0].match.path",
        "5:70 policies[0].match.method",
        "5:84 policies[0].match.ip",
        "5:93 policies[0].missing",
        "6:5 policies[1].name",
        "7:13 policies[1].rules[0].limit",
        "7:33 policies[1].rules[1].burst",
        "7:59 policies[1].rules[2].algorithm",
        "8:5 policies[1].key",
        "9:14 policies[1].match.path",
        "9:30 policies[1].match.method",
        "15:20 policies[2].overrides[0].match.path",
        "16:31 policies[2].overrides[1].rules",
        "17:46 policies[2].overrides[2].rules.1s.limit",
        "f: and 1 more",
      ]
    `)
  })
})

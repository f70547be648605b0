import { describe, expect, it } from 'vitest'
import type { Family } from './metric.ts'
import { writeText } from './write-text.ts'

const calls: Family = {
  name: 'calls_total',
  type: 'counter',
  help: 'Calls.',
  labels: ['policy'],
  samples: [
    [['a"b\\c\nd'], 3],
    [['plain'], 0.5],
  ],
}
const times: Family = {
  name: 'time_seconds',
  type: 'histogram',
  help: 'Times.',
  labels: ['via'],
  bounds: [0.1, 1],
  samples: [[['http'], { counts: [2, 0, 1], sum: 5.5 }]],
}
const idle: Family = { name: 'idle', type: 'gauge', help: 'Nothing.', samples: [] }

describe('writeText', () => {
  it('writes the text format of Prometheus, with values of labels escaped', () => {
    const { type, text } = writeText([calls, times, idle])
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toBe(
      [
        '# HELP calls_total Calls.',
        '# TYPE calls_total counter',
        'calls_total{policy="a\\"b\\\\c\\nd"} 3',
        'calls_total{policy="plain"} 0.5',
        '# HELP time_seconds Times.',
        '# TYPE time_seconds histogram',
        'time_seconds_bucket{via="http",le="0.1"} 2',
        'time_seconds_bucket{via="http",le="1"} 2',
        'time_seconds_bucket{via="http",le="+Inf"} 3',
        'time_seconds_sum{via="http"} 5.5',
        'time_seconds_count{via="http"} 3',
        '',
      ].join('\n'),
    )
  })

  it('writes OpenMetrics where it is asked for, whose counters have names without their end', () => {
    const { type, text } = writeText([calls], 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5')
    expect(type).toMatch(/^application\/openmetrics-text; version=1\.0\.0/)
    expect(text).toContain('# TYPE calls counter\n')
    expect(text).toContain('calls_total{policy="plain"} 0.5\n')
    expect(text.endsWith('\n# EOF\n')).toBe(true)
  })
})

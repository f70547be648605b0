import { expect, it, vi } from 'vitest'
import { SERVE_OPTIONS } from './serve-options.ts'

vi.mock('./count-cores.ts', () => ({ countCores: () => 192 }))

it('takes as many workers for auto as it takes when told, and no more', () => {
  const { read } = SERVE_OPTIONS.workers
  expect(read('auto', '--workers')).toBe(read('100', '--workers'))
  expect(() => read('101', '--workers')).toThrow('from 1 to 100')
})

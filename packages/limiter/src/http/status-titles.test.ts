import { STATUS_CODES } from 'node:http'
import { expect, it } from 'vitest'
import { STATUS_TITLES } from './status-titles.ts'

it('has the titles that Node prints', () => {
  const failures = Object.entries(STATUS_CODES).filter(([status]) => Number(status) >= 400)
  expect(STATUS_TITLES).toEqual(Object.fromEntries(failures))
})

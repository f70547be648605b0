import { expect, it } from 'vitest'
import { htmlTable } from './html-table.ts'

it('numbers stand at the right, and keys at the left, whatever they are made of', () => {
  const page = htmlTable('Keys', ['Policy', 'Key', 'Requests'], [['api', '10.0.0.8', 3]])
  expect(page).toContain('<th scope="col">Key</th><th scope="col" class="number">Requests</th>')
  expect(page).toContain('<td>10.0.0.8</td><td class="number">3</td>')
})

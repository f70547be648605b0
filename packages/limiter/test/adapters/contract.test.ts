import { describe, it } from 'vitest'
import { adapterContract } from '../../src/testing/adapter-contract/index.ts'
import { adapterSubjects } from './adapter-subjects.ts'

describe.each(Object.entries(adapterSubjects))('the adapter of %s', (_name, subject) => {
  it.each(adapterContract(subject))('$name', ({ run }) => run(subject))
})

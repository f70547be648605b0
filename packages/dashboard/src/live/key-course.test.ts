import { describe, expect, it } from 'vitest'
import type { PolicyUse } from './admin-answers.ts'
import { afterLook, courseId, type KeyCourse } from './key-course.ts'

const use = (used: number): PolicyUse[] => [
  { policy: 'api', key: 'a', rules: [{ rule: '1m', used }] } as unknown as PolicyUse,
]

describe('how a key stood', () => {
  it('is what was used at each look, for five minutes', () => {
    const looks = Array.from({ length: 302 }, (_, i) => i)
    const course = looks.reduce<KeyCourse>((known, used) => afterLook(known, use(used)), new Map())
    const used = course.get(courseId('api', '1m')) ?? []
    expect([used.length, used[0], used.at(-1)]).toEqual([300, 2, 301])
    expect(afterLook(course, []).get(courseId('api', '1m'))).toEqual(used)
  })
})

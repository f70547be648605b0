import { useEffect, useState } from 'preact/hooks'
import type { Reach } from '../format/key-reach.ts'
import type { Denial, PolicyUse } from '../live/admin-answers.ts'
import type { AdminClient } from '../live/admin-client.ts'
import { afterLook, type KeyCourse } from '../live/key-course.ts'

/** How a key stands, and stood since it is looked at. */
export interface KeyUse {
  /** Null before the first answer. */
  readonly policies: readonly PolicyUse[] | null
  readonly course: KeyCourse
  /** Why there is no newer answer. */
  readonly problem: string | null
  /** Denials that were kept before it was looked at, newest first. */
  readonly denials: readonly Denial[]
}

const UNKNOWN: KeyUse = { policies: null, course: new Map(), problem: null, denials: [] }
const EVERY_MS = 1000
/** Of the denials that are kept these are enough. */
const DENIALS_ASKED = 20

/** Looks at a key once a second, for as long as it is shown; `again` begins the next look at once. */
export function useKeyUse(client: AdminClient, reach: Reach, again: number): KeyUse {
  const [use, setUse] = useState(UNKNOWN)
  // Another look is wanted where `again` is another one.
  useEffect(() => {
    let isOver = false
    let timer: ReturnType<typeof setTimeout>
    const look = async (): Promise<void> => {
      try {
        const { policies } = await client.post<{ policies: readonly PolicyUse[] }>('v1/usage', reach)
        if (!isOver)
          setUse((use) => ({ ...use, policies, course: afterLook(use.course, policies), problem: null }))
      } catch (reason) {
        if (!isOver) setUse((use) => ({ ...use, problem: String((reason as Error).message) }))
      }
      if (!isOver) timer = setTimeout(() => void look(), EVERY_MS)
    }
    void look()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [client, reach, again])
  const names = use.policies?.map(({ policy, key }) => JSON.stringify([policy, key])).join() ?? ''
  // `names` is all that matters of the policies.
  useEffect(() => {
    const wanted = use.policies ?? []
    void Promise.all(wanted.map((one) => deniedBefore(client, one))).then((all) => {
      const denials = all.flat().sort((a, b) => b.at - a.at)
      setUse((now) => ({ ...now, denials: denials.slice(0, DENIALS_ASKED) }))
    })
  }, [client, names])
  return use
}

/** Denials of one key by one policy. A history that cannot be had is none. */
async function deniedBefore(client: AdminClient, { policy, key }: PolicyUse): Promise<readonly Denial[]> {
  const query = new URLSearchParams({ policy, key, limit: String(DENIALS_ASKED) })
  try {
    const { denials } = await client.get<{ denials: readonly Denial[] }>(`v1/denials?${query}`)
    return denials
  } catch {
    return []
  }
}

import type { Grant } from '../access/grant.ts'
import type { ChangeRequest, PolicyEditor } from './policy-editor.ts'

/**
 * Changes of policies as the holder of a token may make them: of a policy that is its both before and after, and from a group
 * that is its as a whole. The switch and what others did are for who may do everything.
 */
export function confinedChanges(changes: PolicyEditor, grant: Grant | null): PolicyEditor {
  if (grant === null) return changes
  const asHolder = (request: ChangeRequest): ChangeRequest => {
    grant.need('admin')
    return {
      ...request,
      actor: grant.name,
      check: (name, policy, others) => {
        grant.checkReach(name, () => policy)
        grant.checkGroup(policy, others)
      },
    }
  }
  return {
    get version() {
      return changes.version
    },
    put: async (name, policy, request) => changes.put(name, policy, asHolder(request)),
    patch: async (name, patch, request) => changes.patch(name, patch, asHolder(request)),
    delete: async (name, request) => changes.delete(name, asHolder(request)),
    setShadow: async (on, request) => {
      const own = asHolder(request)
      grant.needAll()
      return changes.setShadow(on, own)
    },
    history: () => {
      grant.need('read')
      return changes.history(({ name, before, after }) => {
        if (name === null) return !grant.isConfined
        return grant.reaches(name, before) && grant.reaches(name, after)
      })
    },
  }
}

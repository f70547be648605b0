/** What a token may be used for. `admin` includes `read`; none includes another. */
export const SCOPES = ['consume', 'adjust', 'read', 'admin'] as const

/**
 * | scope | lets its holder |
 * | --- | --- |
 * | `consume` | `consume`, `peek`, `wait`, `reserve`, `extend`, `settle`, `cancel`, and `refund` by receipt |
 * | `adjust` | `charge`, `credit`, and bring a limit of its own |
 * | `read` | see policies, usage, statistics, denials, and `explain` |
 * | `admin` | `reset`, `block`, `unblock`, change policies; and all of `read` |
 */
export type Scope = (typeof SCOPES)[number]

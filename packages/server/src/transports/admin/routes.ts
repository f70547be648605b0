import type { Route } from '../http/http-route.ts'
import { PROBE_ROUTES } from '../http/routes/about.ts'
import { EXPLAIN_ROUTES } from '../http/routes/explain.ts'
import { STATE_ROUTES } from '../http/routes/state.ts'
import { withDocuments } from '../http/routes.ts'
import type { AdminParts } from './admin-parts.ts'
import { attributeRoutes } from './routes/attributes.ts'
import { dashboardRoutes } from './routes/dashboard.ts'
import { instanceRoutes } from './routes/instance.ts'
import { listedPolicies } from './routes/listed-policies.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { observedRoutes } from './routes/observed.ts'
import { policyRoutes } from './routes/policies.ts'
import { recordRoutes } from './routes/record-stream.ts'
import { USAGE_ROUTES } from './routes/usage.ts'
import { eventRoutes } from './routes/watch-events.ts'

/** All routes of the admin listener: the one table that is served, checked and documented. */
export function adminRoutes(parts: AdminParts): readonly Route[] {
  return withDocuments([
    listedPolicies(parts),
    ...PROBE_ROUTES,
    ...EXPLAIN_ROUTES,
    ...STATE_ROUTES,
    ...USAGE_ROUTES,
    ...attributeRoutes(parts),
    ...observedRoutes(parts),
    ...eventRoutes(parts),
    ...recordRoutes(parts),
    ...instanceRoutes(parts),
    ...metricsRoutes(parts),
    ...policyRoutes(parts),
    ...dashboardRoutes(parts),
  ])
}

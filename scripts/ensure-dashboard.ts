/** Builds the dashboard where it is missing, for `npm start`. The service runs without it too. */
import { buildDashboard, hasDashboard } from './build-dashboard.ts'

if (!hasDashboard()) {
  console.error('building the dashboard, once')
  const failure = buildDashboard()
  if (failure !== null)
    console.error(`warning: there is no dashboard, since it could not be built: ${failure}`)
}

/** Runs once before the long tests. */
import { checkPrerequisites } from './prerequisites.ts'

export function setup(): void {
  checkPrerequisites()
}

import type { Rule } from '../../src/core/rule.ts'
import { bucketModel } from './bucket.ts'
import { idleWindow, idleWindowModel } from './custom.ts'
import { calendarModel, epochModel, firstHitModel } from './fixed-window.ts'
import type { Model } from './model.ts'
import { slidingModel } from './sliding-window.ts'
import { type Spec, specOf } from './spec.ts'

const makers: Readonly<Record<string, (spec: Spec) => Model>> = {
  bucket: bucketModel,
  'first-hit': firstHitModel,
  epoch: epochModel,
  calendar: calendarModel,
  'sliding-window': slidingModel,
  [idleWindow.kind]: idleWindowModel,
}

const known = new WeakMap<Rule, Model>()

/** The reference model of a compiled rule. */
export function modelOf(rule: Rule): Model {
  const found = known.get(rule)
  if (found !== undefined) return found
  const spec = specOf(rule)
  const make = makers[spec.kind]
  if (make === undefined) throw new Error(`the model knows no ${spec.kind}`)
  const model = make(spec)
  known.set(rule, model)
  return model
}
